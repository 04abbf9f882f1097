//! Rows that are of no use any more, removed beside the requests: a few at a time, so that nobody who
//! writes waits for long, and no statement grows with its table.

use chrono::{DateTime, Utc};
use entity::{audit, issued_token, token_blacklist};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbBackend, EntityTrait, ExprTrait, QueryFilter,
    QuerySelect,
};

use super::cache::Slots;
use super::{Result, Store};

/// Rows that one statement removes.
const BATCH: u64 = 1000;

impl Store {
    /// Removes rows of the audit trail from before this moment. Gives how many there were.
    pub async fn remove_audit_rows(&self, before: DateTime<Utc>) -> Result<u64> {
        let old = Condition::all().add(audit::Column::CreatedAt.lt(before));
        self.remove_by_id::<audit::Entity>(audit::Column::Id, &old, Slots::ALL)
            .await
    }

    /// Forgets sessions that began before this, in milliseconds since the epoch: whatever their tokens say,
    /// nobody renews them. NocoBase's table has no index for it, so it is read once, and not at each sign-in.
    pub async fn forget_old_sessions(&self, before_ms: i64) -> Result<u64> {
        let mut removed = 0;
        loop {
            let ids: Vec<String> = issued_token::Entity::find()
                .select_only()
                .expr(self.uuid_as_text(issued_token::Column::Id))
                .filter(issued_token::Column::SignInTime.lt(before_ms))
                .limit(BATCH)
                .into_tuple()
                .all(&self.connection)
                .await?;
            let Some(ids) = some(ids) else {
                return Ok(removed);
            };
            let ids = ids.iter().map(|id| self.uuid_of_text(id));
            let these = Expr::col(issued_token::Column::Id).is_in(ids);
            let gone = issued_token::Entity::delete_many().filter(these);
            removed += gone.exec(&self.connection).await?.rows_affected;
        }
    }

    /// Forgets tokens that were signed out and have ended since. That a token is refused is not kept in memory.
    pub async fn forget_ended_revocations(&self) -> Result<u64> {
        let ended = token_blacklist::Column::Expiration.lt(self.now());
        let ended = Condition::all().add(ended);
        let id = token_blacklist::Column::Id;
        self.remove_by_id::<token_blacklist::Entity>(id, &ended, Slots::no_revocation())
            .await
    }

    async fn remove_by_id<E: EntityTrait>(
        &self,
        id: E::Column,
        old: &Condition,
        touching: Slots,
    ) -> Result<u64> {
        let mut removed = 0;
        loop {
            let ids: Vec<i64> = E::find()
                .select_only()
                .column(id)
                .filter(old.clone())
                .limit(BATCH)
                .into_tuple()
                .all(&self.connection)
                .await?;
            let Some(ids) = some(ids) else {
                return Ok(removed);
            };
            let gone = E::delete_many().filter(id.is_in(ids));
            let gone = gone.exec(&self.connection.touching(touching)).await?;
            removed += gone.rows_affected;
        }
    }

    /// PostgreSQL has a type for UUIDs; elsewhere they are text.
    fn uuid_as_text(&self, column: issued_token::Column) -> Expr {
        let column = Expr::col(column);
        match self.connection.get_database_backend() {
            DbBackend::Postgres => column.cast_as("text"),
            _ => column,
        }
    }

    fn uuid_of_text(&self, text: &str) -> Expr {
        let text = Expr::val(text);
        match self.connection.get_database_backend() {
            DbBackend::Postgres => text.cast_as("uuid"),
            _ => text,
        }
    }
}

/// A list that holds something.
fn some<T>(list: Vec<T>) -> Option<Vec<T>> {
    (!list.is_empty()).then_some(list)
}
