//! Opening the database.

use std::path::Path;
use std::time::Duration;
use std::{fs, io};

use log::LevelFilter;
use migration::{Migrator, MigratorTrait};
use sea_orm::sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sea_orm::{ConnectOptions, Database, DbErr};
use url::Url;

use super::{Store, StoreError};
use crate::clock::Clock;
use crate::config::{Config, Dialect, Secret};

/// A statement that takes longer is worth a line in the log.
const SLOW_STATEMENT: Duration = Duration::from_millis(500);
/// How long a writer waits for another on SQLite before it gives up.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

impl Store {
    /// Opens the database that the configuration names.
    pub async fn connect(config: &Config, clock: Clock) -> Result<Self, StoreError> {
        let connection = Database::connect(options(config)?).await?;
        Ok(Self { connection, clock })
    }

    /// Applies every migration that is missing.
    pub async fn migrate(&self) -> Result<(), StoreError> {
        Ok(Migrator::up(&self.connection, None).await?)
    }

    /// Names of the migrations that are missing, in order.
    pub async fn pending_migrations(&self) -> Result<Vec<String>, StoreError> {
        let pending = Migrator::get_pending_migrations(&self.connection).await?;
        Ok(pending
            .iter()
            .map(|migration| migration.name().to_owned())
            .collect())
    }
}

fn options(config: &Config) -> Result<ConnectOptions, DbErr> {
    let database = &config.database;
    let mut options = match database.dialect {
        Dialect::Sqlite => return sqlite(config),
        Dialect::Postgres => ConnectOptions::new(server_url(config, "postgres", 5432)?),
        Dialect::Mysql | Dialect::Mariadb => {
            ConnectOptions::new(server_url(config, "mysql", 3306)?)
        }
    };
    log_quietly(&mut options);
    options.max_connections(20);
    Ok(options)
}

fn sqlite(config: &Config) -> Result<ConnectOptions, DbErr> {
    let file = config.sqlite_file();
    create_private(&file)
        .map_err(|error| DbErr::Custom(format!("cannot create {}: {error}", file.display())))?;
    let mut options = ConnectOptions::new("sqlite://");
    options.map_sqlx_sqlite_opts(move |_: SqliteConnectOptions| {
        SqliteConnectOptions::new()
            .filename(&file)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Normal)
            .busy_timeout(BUSY_TIMEOUT)
            .foreign_keys(true)
    });
    log_quietly(&mut options);
    options.max_connections(8);
    Ok(options)
}

/// Creates the file where it is missing, for its owner alone: it holds password hashes and client
/// secrets. SQLite gives its other files the same rights.
fn create_private(file: &Path) -> io::Result<()> {
    use std::os::unix::fs::OpenOptionsExt;
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder)?;
    }
    let mut options = fs::OpenOptions::new();
    options
        .create(true)
        .append(true)
        .mode(0o600)
        .open(file)
        .map(drop)
}

/// Statements are for debugging; they carry values of rows.
fn log_quietly(options: &mut ConnectOptions) {
    options
        .sqlx_logging_level(LevelFilter::Trace)
        .sqlx_slow_statements_logging_settings(LevelFilter::Warn, SLOW_STATEMENT);
}

fn server_url(config: &Config, scheme: &str, usual_port: u16) -> Result<String, DbErr> {
    let database = &config.database;
    let wrong = |what: &str| DbErr::Custom(format!("{what} cannot be used as it is written"));
    let mut url = Url::parse(&format!("{scheme}://host")).map_err(|_| wrong("the database"))?;
    url.set_host(Some(&database.host))
        .map_err(|_| wrong("DB_HOST"))?;
    url.set_port(Some(database.port.unwrap_or(usual_port)))
        .map_err(|()| wrong("DB_PORT"))?;
    url.set_username(&database.user)
        .map_err(|()| wrong("DB_USER"))?;
    url.set_password(database.password.as_ref().map(Secret::expose))
        .map_err(|()| wrong("DB_PASSWORD"))?;
    url.path_segments_mut()
        .map_err(|()| wrong("DB_DATABASE"))?
        .push(&database.database);
    Ok(url.into())
}
