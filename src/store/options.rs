//! How each database is connected to.

use std::path::Path;
use std::time::Duration;
use std::{fs, io};

use log::LevelFilter;
use sea_orm::sqlx::mysql::MySqlConnection;
use sea_orm::sqlx::postgres::PgConnection;
use sea_orm::sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sea_orm::sqlx::{AssertSqlSafe, Executor};
use sea_orm::{ConnectOptions, DbErr};
use url::Url;

use crate::config::{Config, Dialect, Secret};

/// A statement that takes longer is worth a line in the log.
const SLOW_STATEMENT: Duration = Duration::from_millis(500);
/// How long anybody waits, for another writer or for a free connection, before it is an error.
const PATIENCE: Duration = Duration::from_secs(10);
/// Connections to a database server, unless the operator says otherwise.
const SERVER_CONNECTIONS: u32 = 20;
/// Connections to a SQLite file, where only one writes at a time.
const SQLITE_CONNECTIONS: u32 = 8;

/// The options of the pool.
pub(super) fn options(config: &Config) -> Result<ConnectOptions, DbErr> {
    let mut options = match config.database.dialect {
        Dialect::Sqlite => sqlite(config)?,
        Dialect::Postgres => postgres(config)?,
        Dialect::Mysql | Dialect::Mariadb => mysql(config)?,
    };
    let usual = match config.database.dialect {
        Dialect::Sqlite => SQLITE_CONNECTIONS,
        _ => SERVER_CONNECTIONS,
    };
    options
        .max_connections(config.database.pool_max.unwrap_or(usual))
        .acquire_timeout(PATIENCE)
        // Statements are for debugging; they carry values of rows.
        .sqlx_logging_level(LevelFilter::Trace)
        .sqlx_slow_statements_logging_settings(LevelFilter::Warn, SLOW_STATEMENT);
    Ok(options)
}

fn sqlite(config: &Config) -> Result<ConnectOptions, DbErr> {
    let file = config.sqlite_file();
    // A file of NocoBase's stays as it is, and one that is missing was looked for in a wrong place.
    let is_ours = !config.gateway.is_on();
    if is_ours {
        create_private(&file)
            .map_err(|error| DbErr::Custom(format!("cannot create {}: {error}", file.display())))?;
    }
    let mut options = ConnectOptions::new("sqlite://");
    options.map_sqlx_sqlite_opts(move |_: SqliteConnectOptions| {
        let options = SqliteConnectOptions::new()
            .filename(&file)
            .busy_timeout(PATIENCE)
            .foreign_keys(true);
        if !is_ours {
            return options;
        }
        options
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Normal)
    });
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

fn postgres(config: &Config) -> Result<ConnectOptions, DbErr> {
    let patience = PATIENCE.as_millis();
    let mut settings = format!(
        "SET default_transaction_isolation = 'read committed'; SET lock_timeout = {patience}"
    );
    if let Some(schema) = &config.database.schema {
        settings = format!("{settings}; SET search_path = {}", schema.quoted());
    }
    let mut options = ConnectOptions::new(server_url(config, "postgres", 5432)?);
    options.map_sqlx_postgres_pool_opts(move |pool| {
        let settings = settings.clone();
        pool.after_connect(move |connection: &mut PgConnection, _| {
            let settings = settings.clone();
            Box::pin(async move {
                connection.execute(AssertSqlSafe(settings)).await?;
                Ok(())
            })
        })
    });
    Ok(options)
}

/// Moments travel without a time zone; the library sets the connection's to UTC by itself.
fn mysql(config: &Config) -> Result<ConnectOptions, DbErr> {
    // The usual level of isolation locks the gaps between rows, over which sign-ins that have
    // nothing to do with each other would stumble, and does not see what others commit.
    const ISOLATION: &str = "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED";
    let mut options = ConnectOptions::new(server_url(config, "mysql", 3306)?);
    options.map_sqlx_mysql_pool_opts(|pool| {
        pool.after_connect(|connection: &mut MySqlConnection, _| {
            Box::pin(async move {
                let patience = PATIENCE.as_secs();
                let patience = format!("SET SESSION innodb_lock_wait_timeout = {patience}");
                connection.execute(ISOLATION).await?;
                connection.execute(AssertSqlSafe(patience)).await?;
                Ok(())
            })
        })
    });
    Ok(options)
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
