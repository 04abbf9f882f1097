//! Opening the database.

use std::sync::{Arc, OnceLock};

use entity::naming::NamedConnection;
use sea_orm::{ConnectionTrait, Database, DbBackend, DbErr, Statement};

use super::cache::{Caches, LONGEST_UNHEARD, Watcher};
use super::connection::{InvalidatingConnection, Pool};
use super::file::{FileState, create_private};
use super::nocobase_format::FormattingConnection;
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
    /// fields in which bindings keep a person's stable ID.
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
        if config.database.dialect != Dialect::Sqlite {
            let opened = Self::open(config, clock, stable_id_keys, Access::ReadOnly).await;
            return opened.map(Some);
        }
        let file = config.sqlite_file();
        loop {
            let Some(state) = FileState::of(&file).await? else {
                return Ok(None);
            };
            match Self::open(config, clock.clone(), stable_id_keys, state.access()).await {
                Ok(mut store) => {
                    store.connection.connection.found = Some(state);
                    return Ok(Some(store));
                }
                Err(_) if state.has_begun_to_change() => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Whether what was read may be wrong, and an error of the database a consequence of that: the
    /// SQLite file was read as one that does not change, because no server had it open, and it may
    /// have changed since. Whoever reads for the operator reads again before reporting an error.
    pub fn has_begun_to_change(&self) -> bool {
        let found = self.connection.connection.found.as_ref();
        found.is_some_and(FileState::has_begun_to_change)
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
        let connection = FormattingConnection(NamedConnection::new(
            connection,
            Arc::new(config.database.naming()),
        ));
        let connection = InvalidatingConnection::new(Pool {
            connection,
            caches: Caches::new(),
            disk: Arc::default(),
            turns,
            watching: OnceLock::new(),
            found: None,
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
        // A database that takes longer keeps nobody from starting; until it is heard, nothing comes from memory.
        options.connect_lazy(true);
        let connection = Database::connect(options).await?;
        let pool = &self.connection.connection;
        let connection = pool.watching.get_or_init(|| connection).clone();
        let naming = pool.connection.0.naming().clone();
        let connection = FormattingConnection(NamedConnection::new(connection, naming));
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

    async fn reader(config: &Config) -> Store {
        let opened = Store::open_read_only(config, Clock::system(), &[]).await;
        opened.unwrap().unwrap()
    }

    #[tokio::test]
    async fn a_reader_notices_that_a_file_that_nobody_had_open_begins_to_change() {
        let storage = tempfile::tempdir().unwrap();
        let (server, config) = Store::fresh_with_config(storage.path()).await;
        server.migrate().await.unwrap();
        server.close().await.unwrap();

        let early = reader(&config).await;
        assert!(early.pending_migrations().await.unwrap().is_empty());
        assert!(!early.has_begun_to_change());
        let (server, _) = Store::fresh_with_config(storage.path()).await;
        let lasting = std::time::Duration::from_secs(20);
        assert!(server.take_lease("x", "a", lasting).await.unwrap());
        assert!(early.has_begun_to_change(), "while the server runs");
        server.close().await.unwrap();
        assert!(early.has_begun_to_change(), "after it has ended");
        early.close().await.unwrap();
        assert!(!reader(&config).await.has_begun_to_change());
    }
}
