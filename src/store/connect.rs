//! Opening the database.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use migration::{Migrator, MigratorTrait, Owned};
use sea_orm::{ConnectionTrait, Database, DatabaseConnection, DbBackend, Statement};

use super::adapt::Adapted;
use super::cache::{Caches, LONGEST_UNHEARD, Watcher};
use super::connection::{Pool, Tracked};
use super::lock::Lock;
use super::options::options;
use super::{Owner, Store, StoreError};
use crate::clock::Clock;
use crate::config::{Config, Schema};

impl Store {
    /// Opens the database that the configuration names.
    pub async fn connect(config: &Config, clock: Clock) -> Result<Self, StoreError> {
        let mut connection = Database::connect(options(config)?).await?;
        let statements = Arc::new(AtomicU64::new(0));
        let counter = statements.clone();
        connection.set_metric_callback(move |_| {
            counter.fetch_add(1, Ordering::Relaxed);
        });
        let connection = Adapted(connection);
        let owner = if config.gateway.is_on() {
            Owner::NocoBase
        } else {
            Owner::Us
        };
        if let (Some(schema), Owner::Us) = (&config.database.schema, owner) {
            create_schema(&connection, schema).await?;
        }
        let caches = Caches::new();
        let connection = Tracked::new(Pool { connection, caches });
        Ok(Self {
            connection,
            clock,
            statements,
            owner,
        })
    }

    /// Watches what other processes change, from now on until this store is gone, and with that
    /// lets answers come from memory. The tables must be there.
    pub async fn watch(&self, config: &Config) -> Result<(), StoreError> {
        let mut options = options(config)?;
        options.max_connections(1).acquire_timeout(LONGEST_UNHEARD);
        let connection = Database::connect(options).await?;
        let mut watcher = Watcher::new(connection, &self.connection.connection.caches);
        watcher.look().await;
        tokio::spawn(watcher.watch());
        Ok(())
    }

    /// Applies every migration that is missing; in a database of NocoBase's, only those of tables
    /// that are ours. Of servers that start together on a database
    /// server, one does and the others wait.
    pub async fn migrate(&self) -> Result<(), StoreError> {
        let lock = Lock::take(self.pool()).await?;
        let outcome = match self.owner {
            Owner::Us => Migrator::up(self.pool(), None).await,
            Owner::NocoBase => Owned::up(self.pool(), None).await,
        };
        lock.release().await?;
        Ok(outcome?)
    }

    fn pool(&self) -> &DatabaseConnection {
        &self.connection.connection.connection.0
    }

    /// Names of the migrations that are missing, in order.
    pub async fn pending_migrations(&self) -> Result<Vec<String>, StoreError> {
        let pending = match self.owner {
            Owner::Us => Migrator::get_pending_migrations(self.pool()).await?,
            Owner::NocoBase => Owned::get_pending_migrations(self.pool()).await?,
        };
        Ok(pending
            .iter()
            .map(|migration| migration.name().to_owned())
            .collect())
    }
}

/// Creates the schema when it is not there, as NocoBase does. Whoever may only use it is not
/// asked for more.
async fn create_schema(
    connection: &impl ConnectionTrait,
    schema: &Schema,
) -> Result<(), StoreError> {
    if connection.get_database_backend() != DbBackend::Postgres {
        return Ok(());
    }
    let question = Statement::from_sql_and_values(
        DbBackend::Postgres,
        "SELECT 1 FROM pg_namespace WHERE nspname = $1",
        [schema.name().into()],
    );
    if connection.query_one_raw(question).await?.is_none() {
        let create = format!("CREATE SCHEMA IF NOT EXISTS {}", schema.quoted());
        connection.execute_unprepared(&create).await?;
    }
    Ok(())
}
