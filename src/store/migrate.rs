//! The tables.

use entity::naming::Naming;
use entity::user;
use migration::{Migrator, MigratorTraitSelf};
use sea_orm::{DatabaseConnection, DbErr, EntityName, EntityTrait, QuerySelect};

use super::lock::Lock;
use super::{Owner, Store, StoreError};
use crate::config::Config;

/// What a database of somebody else is answered.
const NOT_OURS: &str = "there are accounts that this server did not make: give it a database of its own, or set \
                        NOCOBASE_UPSTREAM_URL to stand in front of a NocoBase";

impl Store {
    /// Applies every migration that is missing; in a database of NocoBase's, only those of tables
    /// that are ours. Of servers that start together on a database, one does and the others wait. Where the
    /// database can do it, all of that is there at once or not at all; elsewhere what was cut off is repeated.
    pub async fn migrate(&self) -> Result<(), StoreError> {
        if self.pending_migrations().await?.is_empty() {
            return Ok(());
        }
        let lock = Lock::take(self.pool()).await?;
        let outcome = self.migrate_holding(&lock).await;
        lock.release(outcome.is_ok()).await?;
        outcome
    }

    async fn migrate_holding(&self, lock: &Lock) -> Result<(), StoreError> {
        self.hold_apart().await?;
        let migrator = self.migrator();
        match lock.transaction() {
            Some(transaction) => migrator.up(transaction, None).await,
            None => migrator.up(self.pool(), None).await,
        }?;
        Ok(())
    }

    /// Refuses a database that is to be ours and holds accounts of somebody else. What is left of a start that was
    /// cut off is empty tables: rows come after the last migration.
    pub async fn hold_apart(&self) -> Result<(), StoreError> {
        if self.owner == Owner::NocoBase {
            return Ok(());
        }
        if self.made_all_tables().await? {
            return Ok(());
        }
        let manager = migration::SchemaManager::new(self.pool());
        let one = user::Entity::find().select_only().column(user::Column::Id);
        let users = self.naming().table(user::Entity.table_name());
        if manager.has_table(&*users).await?
            && one
                .into_tuple::<i64>()
                .one(&self.connection)
                .await?
                .is_some()
        {
            return Err(DbErr::Custom(NOT_OURS.to_owned()).into());
        }
        Ok(())
    }

    /// Whether this server made NocoBase's tables here, which is its first migration.
    pub async fn made_all_tables(&self) -> Result<bool, StoreError> {
        let migrations = self.migrator().migrations();
        let first = migrations.first().map(|first| first.name());
        let pending = self.pending_migrations().await?;
        Ok(pending.first().map(String::as_str) != first)
    }

    /// Names of the migrations that are missing, in order. Only reads.
    pub async fn pending_migrations(&self) -> Result<Vec<String>, StoreError> {
        let pending = self
            .migrator()
            .get_pending_migrations_read_only(self.pool())
            .await?;
        Ok(pending
            .iter()
            .map(|migration| migration.name().to_owned())
            .collect())
    }

    pub(super) fn pool(&self) -> &DatabaseConnection {
        self.connection.connection.connection.0.inner()
    }

    fn migrator(&self) -> Migrator {
        migrator(self.owner, self.naming().clone())
    }
}

fn migrator(owner: Owner, naming: Naming) -> Migrator {
    match owner {
        Owner::Us => Migrator::of_all_tables(naming),
        Owner::NocoBase => Migrator::of_our_tables(naming),
    }
}

/// Names of all migrations of a database of this configuration, in order.
pub fn migrations(config: &Config) -> Vec<String> {
    let migrations = migrator(Owner::of(config), config.database.naming()).migrations();
    let names = migrations.iter().map(|migration| migration.name());
    names.map(str::to_owned).collect()
}
