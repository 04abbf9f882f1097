//! Leases: for work that only one process may do at a time, the name of the holder and when the lease expires.

use std::time::Duration;

use entity::lease::{ActiveModel, Column, Entity};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveModelTrait, ColumnTrait, Condition, EntityTrait, QueryFilter};

use super::failure::is_inserted;
use super::{Connection, Result, Store};

/// How far the clocks of several servers may be apart.
const CLOCKS_DIFFER_MS: i64 = 60 * 60 * 1000;

impl Store {
    /// Takes a lease for `lasting`, or extends the lease of this holder. Returns false when another holder has it. A
    /// holder that does not extend a lease in time loses it.
    ///
    /// A lease that ends much later than anybody could have asked for was taken while the clock was ahead, and counts as
    /// free.
    pub async fn take_lease(&self, name: &str, holder: &str, lasting: Duration) -> Result<bool> {
        let now = self.now().timestamp_millis();
        let lasting = i64::try_from(lasting.as_millis()).unwrap_or(i64::MAX);
        let expires_ms = now.saturating_add(lasting);
        let is_free = Condition::any()
            .add(Column::Holder.eq(holder))
            .add(Column::ExpiresMs.lte(now))
            .add(Column::ExpiresMs.gt(expires_ms.saturating_add(CLOCKS_DIFFER_MS)));
        let taken = Entity::update_many()
            .col_expr(Column::Holder, Expr::value(holder))
            .col_expr(Column::ExpiresMs, Expr::value(expires_ms))
            .filter(Column::Name.eq(name))
            .filter(is_free)
            .exec(&self.connection)
            .await?;
        if taken.rows_affected > 0 {
            return Ok(true);
        }
        if Entity::find_by_id(name)
            .one(&self.connection)
            .await?
            .is_some()
        {
            return Ok(false);
        }
        let row = ActiveModel {
            name: Set(name.to_owned()),
            holder: Set(holder.to_owned()),
            expires_ms: Set(expires_ms),
        };
        is_inserted(row.insert(&self.connection).await)
    }

    /// The present or last holder of a lease.
    pub async fn lease_holder(&self, name: &str) -> Result<Option<String>> {
        let row = Entity::find_by_id(name).one(&self.connection).await?;
        Ok(row.map(|row| row.holder))
    }

    /// Releases all leases whose holders' names begin with one of these.
    pub async fn release_leases_of_kinds(&self, kinds: &[&str]) -> Result<()> {
        let is_one = |all: Condition, kind: &&str| all.add(Column::Holder.starts_with(*kind));
        Entity::delete_many()
            .filter(kinds.iter().fold(Condition::any(), is_one))
            .exec(&self.connection)
            .await?;
        Ok(())
    }
}

impl<C: Connection> Store<C> {
    /// Gives a lease back, if this holder has it.
    pub async fn release_lease(&self, name: &str, holder: &str) -> Result<()> {
        Entity::delete_many()
            .filter(Column::Name.eq(name))
            .filter(Column::Holder.eq(holder))
            .exec(&self.connection)
            .await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHILE: Duration = Duration::from_secs(20);

    #[tokio::test]
    async fn one_has_a_lease_until_it_ends_or_is_given_back() {
        let storage = tempfile::tempdir().unwrap();
        let store = Store::fresh(storage.path()).await;
        store.migrate().await.unwrap();
        assert!(store.take_lease("x", "a", WHILE).await.unwrap());
        assert!(!store.take_lease("x", "b", WHILE).await.unwrap());
        assert!(store.take_lease("y", "b", WHILE).await.unwrap());
        // Renewed by who has it, and of no length this time.
        assert!(store.take_lease("x", "a", Duration::ZERO).await.unwrap());
        assert!(store.take_lease("x", "b", WHILE).await.unwrap());
        store.release_lease("x", "a").await.unwrap();
        assert!(!store.take_lease("x", "a", WHILE).await.unwrap());
        store.release_lease("x", "b").await.unwrap();
        assert!(store.take_lease("x", "a", WHILE).await.unwrap());
    }

    #[tokio::test]
    async fn leases_of_some_kinds_are_released_and_others_stay() {
        let storage = tempfile::tempdir().unwrap();
        let store = Store::fresh(storage.path()).await;
        store.migrate().await.unwrap();
        for holder in ["events:1", "stream:1", "run"] {
            assert!(store.take_lease(holder, holder, WHILE).await.unwrap());
        }
        let kinds = ["events:", "stream:"];
        store.release_leases_of_kinds(&kinds).await.unwrap();
        for name in ["events:1", "stream:1"] {
            assert!(store.take_lease(name, "another", WHILE).await.unwrap());
        }
        assert!(!store.take_lease("run", "another", WHILE).await.unwrap());
    }
}
