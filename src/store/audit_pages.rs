//! Reading the audit trail: newest rows first, a batch at a time.

use chrono::{DateTime, Utc};
use entity::audit::{Column, Entity, Model};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};

use super::query::{Filter, QueryError};
use super::{Result, Store, StoreError};

impl Store {
    /// The next batch of rows that match the filter, newest first, after the row `after`.
    pub async fn audit_batch(
        &self,
        filter: Option<&Filter>,
        after: Option<(DateTime<Utc>, i64)>,
        size: u64,
    ) -> std::result::Result<Vec<Model>, QueryError> {
        let mut rows = Entity::find();
        if let Some(filter) = filter.filter(|filter| !filter.is_empty()) {
            let backend = self.connection.get_database_backend();
            rows = rows.filter(filter.condition::<Entity>(backend)?);
        }
        if let Some((at, id)) = after {
            let older = Condition::any()
                .add(Column::CreatedAt.lt(at))
                .add(Column::Id.lt(id));
            // The first condition follows from the second; it lets the database start in the middle
            // of the index.
            rows = rows.filter(Column::CreatedAt.lte(at)).filter(older);
        }
        let found = rows
            .order_by_desc(Column::CreatedAt)
            .order_by_desc(Column::Id)
            .limit(size)
            .all(&self.connection)
            .await;
        Ok(found.map_err(StoreError::from)?)
    }

    /// The latest refusals since a moment, newest first.
    pub async fn last_refusals(&self, since: DateTime<Utc>, most: u64) -> Result<Vec<Model>> {
        let refused = Entity::find()
            .filter(Column::Result.eq("refused"))
            .filter(Column::CreatedAt.gte(since))
            .order_by_desc(Column::CreatedAt)
            .order_by_desc(Column::Id)
            .limit(most);
        Ok(refused.all(&self.connection).await?)
    }

    /// The account, authenticator and moment of each of these actions that these accounts did at an
    /// authenticator since a moment.
    pub async fn sign_ins_since(
        &self,
        accounts: &[i64],
        actions: &[&str],
        since: DateTime<Utc>,
    ) -> Result<Vec<(i64, String, DateTime<Utc>)>> {
        if accounts.is_empty() {
            return Ok(Vec::new());
        }
        let found = Entity::find()
            .select_only()
            .columns([Column::UserId, Column::Authenticator, Column::CreatedAt])
            .filter(Column::UserId.is_in(accounts.iter().copied()))
            .filter(Column::CreatedAt.gte(since))
            .filter(Column::Result.eq("success"))
            .filter(Column::Action.is_in(actions.iter().copied()))
            .filter(Column::Authenticator.is_not_null());
        Ok(found.into_tuple().all(&self.connection).await?)
    }
}
