//! Removing rows that are no longer needed, in the background. It removes a few rows at a time, so
//! that writers do not wait for long and no statement grows with its table.

use chrono::{DateTime, Utc};
use entity::{audit, event, issued_token, token_blacklist};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, ExprTrait, QueryFilter, QuerySelect, Select,
    TryGetable,
};

use super::cache::Partitions;
use super::{Result, Store, uuids};

/// How many rows one statement removes.
const BATCH: u64 = 1000;

impl Store {
    /// Removes rows of the audit trail from before this moment. Returns their number.
    pub async fn remove_audit_rows(&self, before: DateTime<Utc>) -> Result<u64> {
        let ids = audit::Entity::find()
            .select_only()
            .column(audit::Column::Id)
            .filter(audit::Column::CreatedAt.lt(before));
        let these = |ids: Vec<i64>| audit::Column::Id.is_in(ids);
        self.remove_in_batches(ids, these, Partitions::ALL).await
    }

    /// Forgets events that were received before this moment and came to their end.
    pub async fn forget_old_events(&self, before: DateTime<Utc>) -> Result<u64> {
        let ids = event::Entity::find()
            .select_only()
            .column(event::Column::Id)
            .filter(event::Column::ReceivedAt.lt(before))
            .filter(event::Column::State.ne(event::State::Queued));
        let these = |ids: Vec<i64>| event::Column::Id.is_in(ids);
        self.remove_in_batches(ids, these, Partitions::ALL).await
    }

    /// Removes the records of sessions that began before this, in milliseconds since the epoch;
    /// they are too old for any renewal. NocoBase's table has no index for it and must be read
    /// completely, so this is not done at each sign-in.
    pub async fn forget_old_sessions(&self, before_ms: i64) -> Result<u64> {
        let id = issued_token::Column::Id;
        let backend = self.connection.get_database_backend();
        let ids = issued_token::Entity::find()
            .select_only()
            .expr(uuids::as_text(backend, Expr::col(id)))
            .filter(issued_token::Column::SignInTime.lt(before_ms));
        let these = |ids: Vec<String>| {
            let ids = ids.iter().map(|id| uuids::of_text(backend, id));
            Expr::col(id).is_in(ids)
        };
        self.remove_in_batches(ids, these, Partitions::ALL).await
    }

    /// Removes revoked tokens that have expired since. Caches are not affected, because revoked
    /// tokens are not cached.
    pub async fn forget_ended_revocations(&self) -> Result<u64> {
        let ids = token_blacklist::Entity::find()
            .select_only()
            .column(token_blacklist::Column::Id)
            .filter(token_blacklist::Column::Expiration.lt(self.now()));
        let these = |ids: Vec<i64>| token_blacklist::Column::Id.is_in(ids);
        self.remove_in_batches(ids, these, Partitions::no_revocation())
            .await
    }

    /// Removes the rows whose keys are selected. Returns their number.
    pub(super) async fn remove_in_batches<E: EntityTrait, K: TryGetable>(
        &self,
        keys: Select<E>,
        these: impl Fn(Vec<K>) -> Expr,
        invalidating_only: Partitions,
    ) -> Result<u64> {
        let mut removed = 0;
        loop {
            let batch: Vec<(K,)> = keys
                .clone()
                .limit(BATCH)
                .into_tuple()
                .all(&self.connection)
                .await?;
            if batch.is_empty() {
                return Ok(removed);
            }
            let batch = batch.into_iter().map(|(key,)| key).collect();
            let gone = E::delete_many().filter(these(batch));
            let gone = gone
                .exec(&self.connection.invalidating_only(invalidating_only))
                .await?;
            removed += gone.rows_affected;
        }
    }
}
