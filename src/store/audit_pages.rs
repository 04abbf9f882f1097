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

    /// When each of these accounts, a few hundred at most, last did one of these actions at each
    /// authenticator, if that was since a moment: the account, the authenticator, and when.
    pub async fn last_sign_ins(
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
            .columns([Column::UserId, Column::Authenticator])
            .column_as(Column::CreatedAt.max(), "last")
            .filter(Column::UserId.is_in(accounts.iter().copied()))
            .filter(Column::CreatedAt.gte(since))
            .filter(Column::Result.eq("success"))
            .filter(Column::Action.is_in(actions.iter().copied()))
            .filter(Column::Authenticator.is_not_null())
            .group_by(Column::UserId)
            .group_by(Column::Authenticator);
        Ok(found.into_tuple().all(&self.connection).await?)
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;
    use crate::store::NewAuditRow;

    #[tokio::test]
    async fn of_many_sign_ins_the_last_of_each_account_at_each_authenticator_is_read() {
        let storage = tempfile::tempdir().unwrap();
        let store = Store::fresh(storage.path()).await;
        store.migrate().await.unwrap();
        for (account, authenticator, action, result) in [
            (1, "a", "signIn", "success"),
            (1, "b", "inAppSignIn", "success"),
            (1, "a", "signIn", "success"),
            (1, "a", "signIn", "refused"),
            (2, "a", "signIn", "success"),
            (2, "a", "bind", "success"),
            (3, "a", "signIn", "success"),
        ] {
            store.clock().advance(TimeDelta::minutes(1));
            let row = NewAuditRow {
                action,
                result,
                reason: None,
                user_id: Some(account),
                person_id: None,
                person_name: None,
                actor_id: None,
                authenticator: Some(authenticator.to_owned()),
                address: String::new(),
                user_agent: None,
                request_id: None,
            };
            store.add_audit_row(row).await.unwrap();
        }
        let rows = store.audit_batch(None, None, 10).await.unwrap();
        let mut times: Vec<_> = rows.iter().map(|row| row.created_at).collect();
        times.sort_unstable();
        let last = async |since: DateTime<Utc>| {
            let actions = ["signIn", "inAppSignIn"];
            let found = store.last_sign_ins(&[1, 2], &actions, since).await;
            let mut found = found.unwrap();
            found.sort_unstable();
            found
        };
        let at = |account, authenticator: &str, number: usize| {
            (account, authenticator.to_owned(), times[number])
        };
        let all = [at(1, "a", 2), at(1, "b", 1), at(2, "a", 4)];
        assert_eq!(last(times[0]).await, all);
        assert_eq!(last(times[3]).await, [at(2, "a", 4)]);
    }
}
