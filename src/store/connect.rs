//! Opening the database.

use std::sync::{Arc, OnceLock};

use entity::naming::Named;
use sea_orm::{ConnectionTrait, Database, DbBackend, DbErr, Statement};

use super::cache::{Caches, LONGEST_UNHEARD, Watcher};
use super::connection::{Pool, Tracked};
use super::file::{FileState, create_private};
use super::nocobase_format::Adapted;
use super::options::{Access, options};
use super::statements::Statements;
use super::writer_queue::Turns;
use super::{Owner, Store, StoreError};
use crate::clock::Clock;
use crate::config::{Config, Dialect, Schema};

/// Names of fields.
type Names = &'static [&'static str];

impl Store {
    /// Opens the configured database, and creates a missing SQLite file. `stable_id_keys` are the
    /// fields in which bindings keep a person's stable identifier.
    pub async fn connect(
        config: &Config,
        clock: Clock,
        stable_id_keys: Names,
    ) -> Result<Self, StoreError> {
        let owner = Owner::of(config);
        // A missing file of NocoBase's means that the path is wrong, so it is not created.
        if config.database.dialect == Dialect::Sqlite && owner == Owner::Us {
            let file = config.sqlite_file();
            create_private(&file).map_err(|error| {
                DbErr::Custom(format!("cannot create {}: {error}", file.display()))
            })?;
        }
        let store = Self::open(config, clock, stable_id_keys, Access::Full(owner)).await?;
        if let (Some(schema), Owner::Us) = (&config.database.schema, owner) {
            create_schema(store.pool(), schema).await?;
        }
        Ok(store)
    }

    /// Opens the database for reading only, so that nothing is written or created; none when the
    /// SQLite file does not exist. Only for a process that has not opened it otherwise.
    pub async fn open_read_only(
        config: &Config,
        clock: Clock,
        stable_id_keys: Names,
    ) -> Result<Option<Self>, StoreError> {
        let access = if config.database.dialect == Dialect::Sqlite {
            match FileState::of(&config.sqlite_file())? {
                Some(state) => state.access(),
                None => return Ok(None),
            }
        } else {
            Access::ReadOnly
        };
        Self::open(config, clock, stable_id_keys, access)
            .await
            .map(Some)
    }

    async fn open(
        config: &Config,
        clock: Clock,
        stable_id_keys: Names,
        access: Access,
    ) -> Result<Self, StoreError> {
        let connection = Database::connect(options(config, access)?).await;
        let mut connection = connection.map_err(explained)?;
        let statements = Arc::<Statements>::default();
        let sent = statements.clone();
        connection.set_metric_callback(move |info| sent.note(info.statement));
        let turns = Turns::before(connection.get_database_backend());
        let connection = Adapted(Named::new(connection, Arc::new(config.database.naming())));
        let connection = Tracked::new(Pool {
            connection,
            caches: Caches::new(),
            disk: Arc::default(),
            turns,
            watching: OnceLock::new(),
        });
        Ok(Self {
            connection,
            clock,
            statements,
            owner: Owner::of(config),
            stable_id_keys,
            coverage: Arc::default(),
        })
    }

    /// Starts to watch for changes of other processes, until this store is gone. From then on
    /// answers may come from memory. The tables must exist.
    pub async fn watch(&self, config: &Config) -> Result<(), StoreError> {
        let mut options = options(config, Access::Full(self.owner))?;
        options.max_connections(1).acquire_timeout(LONGEST_UNHEARD);
        let connection = Database::connect(options).await?;
        let pool = &self.connection.connection;
        let connection = pool.watching.get_or_init(|| connection).clone();
        let naming = pool.connection.0.naming().clone();
        let connection = Adapted(Named::new(connection, naming));
        let mut watcher = Watcher::new(connection, &pool.caches);
        watcher.look().await;
        tokio::spawn(watcher.watch());
        Ok(())
    }
}

/// Replaces an error that is meant for programmers by a sentence for the operator.
fn explained(error: DbErr) -> DbErr {
    if error.to_string().contains("RSA auth backend disabled") {
        return DbErr::Custom(
            "MySQL wants the password encrypted, which needs TLS here: let the server offer TLS, as it does unless it \
             was told otherwise, or let the account of DB_USER sign in by mysql_native_password"
                .to_owned(),
        );
    }
    error
}

/// Creates the schema if it does not exist, as NocoBase does. If it exists, no permission to create
/// one is needed.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_was_committed_survives_a_power_failure() {
        let storage = tempfile::tempdir().unwrap();
        let store = Store::fresh(storage.path()).await;
        let question = Statement::from_string(DbBackend::Sqlite, "PRAGMA synchronous");
        let answer = store.pool().query_one_raw(question).await.unwrap().unwrap();
        assert_eq!(answer.try_get_by_index::<i32>(0).unwrap(), 2, "FULL");
    }
}
