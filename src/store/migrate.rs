//! Creating and changing tables.

use entity::naming::Naming;
use entity::user;
use migration::{Migrator, MigratorTraitSelf};
use sea_orm::{DatabaseConnection, DbErr, EntityName, EntityTrait, QuerySelect};

use super::lock::Lock;
use super::{Owner, Store, StoreError};
use crate::config::Config;

/// The error for a database that belongs to another program.
const NOT_OURS: &str = "there are accounts that this server did not make: give it a database of its own, or set \
                        NOCOBASE_UPSTREAM_URL to stand in front of a NocoBase";

impl Store {
    /// Applies every missing migration; in NocoBase's database, only those of this product's
    /// tables. When several servers start together on a database, one applies them and the others
    /// wait. Where the database supports it, all are applied in one transaction; elsewhere, a
    /// migration that was interrupted is repeated.
    pub async fn migrate(&self) -> Result<(), StoreError> {
        let recorded = self.recorded_migrations().await?;
        tell_of_newer(&recorded);
        if self.migrator().pending(&recorded).is_empty() {
            return Ok(());
        }
        let lock = Lock::take(self.pool()).await?;
        let outcome = self.migrate_holding(&lock).await;
        if outcome.is_ok() {
            lock.commit().await?;
        } else {
            lock.roll_back().await?;
        }
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

    /// Refuses a database that should be this product's own but has accounts of another program. An
    /// interrupted start leaves only empty tables, because rows come after the last migration.
    pub async fn hold_apart(&self) -> Result<(), StoreError> {
        if self.owner == Owner::Us && self.is_of_another_program().await? {
            return Err(DbErr::Custom(NOT_OURS.to_owned()).into());
        }
        Ok(())
    }

    /// Whether there are accounts in tables that this server has not created.
    pub async fn is_of_another_program(&self) -> Result<bool, StoreError> {
        if self.made_all_tables().await? {
            return Ok(false);
        }
        let manager = migration::SchemaManager::new(self.pool());
        let one = user::Entity::find().select_only().column(user::Column::Id);
        let users = self.naming().table(user::Entity.table_name());
        if !manager.has_table(&*users).await? {
            return Ok(false);
        }
        let one = one.into_tuple::<i64>().one(&self.connection).await?;
        Ok(one.is_some())
    }

    /// Whether this server created NocoBase's tables here, which its first migration does.
    pub async fn made_all_tables(&self) -> Result<bool, StoreError> {
        let migrations = self.migrator().migrations();
        let first = migrations.first().map(|first| first.name());
        let pending = self.pending_migrations().await?;
        Ok(pending.first().map(String::as_str) != first)
    }

    /// The names of the missing migrations, in order. Only reads.
    pub async fn pending_migrations(&self) -> Result<Vec<String>, StoreError> {
        let recorded = self.recorded_migrations().await?;
        let pending = self.migrator().pending(&recorded);
        let names = pending.iter().map(|migration| migration.name().to_owned());
        Ok(names.collect())
    }

    async fn recorded_migrations(&self) -> Result<Vec<String>, StoreError> {
        Ok(self.migrator().recorded(self.pool()).await?)
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

/// The names of all migrations for this configuration, in order.
pub fn migrations(config: &Config) -> Vec<String> {
    names(&migrator(Owner::of(config), config.database.naming()))
}

fn names(migrator: &Migrator) -> Vec<String> {
    let migrations = migrator.migrations();
    let names = migrations.iter().map(|migration| migration.name());
    names.map(str::to_owned).collect()
}

/// Says in the log that a newer program has changed the database: who has gone back to an older one, or replaces one
/// server after the other, sees it confirmed.
fn tell_of_newer(recorded: &[String]) {
    let known = names(&Migrator::of_all_tables(Naming::default()));
    let newer = recorded.iter().filter(|name| !known.contains(name));
    let newer: Vec<&str> = newer.map(String::as_str).collect();
    if !newer.is_empty() {
        log::info!(
            "a newer release has changed the tables ({newer}); what it added is ignored",
            newer = newer.join(", ")
        );
    }
}
