//! Opening the database.

use migration::{Migrator, MigratorTrait};
use sea_orm::{ConnectionTrait, Database, DbBackend, Statement};

use super::adapt::Adapted;
use super::lock::Lock;
use super::options::options;
use super::{Store, StoreError};
use crate::clock::Clock;
use crate::config::{Config, Schema};

impl Store {
    /// Opens the database that the configuration names.
    pub async fn connect(config: &Config, clock: Clock) -> Result<Self, StoreError> {
        let connection = Adapted(Database::connect(options(config)?).await?);
        if let Some(schema) = &config.database.schema {
            create_schema(&connection, schema).await?;
        }
        Ok(Self { connection, clock })
    }

    /// Applies every migration that is missing. Of servers that start together on a database
    /// server, one does and the others wait.
    pub async fn migrate(&self) -> Result<(), StoreError> {
        let lock = Lock::take(&self.connection.0).await?;
        let outcome = Migrator::up(&self.connection.0, None).await;
        lock.release().await?;
        Ok(outcome?)
    }

    /// Names of the migrations that are missing, in order.
    pub async fn pending_migrations(&self) -> Result<Vec<String>, StoreError> {
        let pending = Migrator::get_pending_migrations(&self.connection.0).await?;
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
