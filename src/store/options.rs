//! Connection options of each database.

use std::path::PathBuf;
use std::time::Duration;

use log::LevelFilter;
use sea_orm::sqlx::mysql::MySqlConnection;
use sea_orm::sqlx::postgres::PgConnection;
use sea_orm::sqlx::sqlite::{
    SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteSynchronous,
};
use sea_orm::sqlx::{self, AssertSqlSafe, Connection, Executor};
use sea_orm::{ConnectOptions, DbErr};
use url::Url;

use super::Owner;
use super::tls::{with_mysql, with_postgres};
use crate::config::{Config, Dialect, Secret, Tls};

/// A statement that takes longer than this is reported in the log.
const SLOW_STATEMENT: Duration = Duration::from_millis(500);
/// How long to wait for another writer or for a free connection before it is an error.
pub(super) const DATABASE_TIMEOUT: Duration = Duration::from_secs(10);
/// The number of connections to a database server, unless the operator sets it.
const SERVER_CONNECTIONS: u32 = 20;
/// The number of connections to a SQLite file. One of them can write at a time, and whoever waits for that holds none
/// (`writer_queue`), so that all others are for reading. Each has some megabytes of memory before long.
const SQLITE_CONNECTIONS: u32 = 6;
/// The pages that each SQLite connection keeps in memory, in SQLite's notation: 512 KiB. Its own 2 MB, times the
/// connections, would be half of the server's memory, and the system keeps the same pages anyway.
const CACHE_SIZE: &str = "-512";

/// What the connections may be used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Access {
    /// Reading and writing.
    Full(Owner),
    /// Reading only.
    ReadOnly,
    /// Reading a SQLite file that nobody has open, without a lock and without the files that SQLite
    /// would create beside it.
    Still,
}

/// The options of the pool. This neither opens nor creates anything.
pub(super) fn options(config: &Config, access: Access) -> Result<ConnectOptions, DbErr> {
    let mut options = match config.database.dialect {
        Dialect::Sqlite => options_at(config.sqlite_file(), access),
        Dialect::Postgres => postgres(config, access)?,
        Dialect::Mysql | Dialect::Mariadb => mysql(config, access)?,
    };
    let usual = match config.database.dialect {
        Dialect::Sqlite => SQLITE_CONNECTIONS,
        _ => SERVER_CONNECTIONS,
    };
    options
        .max_connections(config.database.pool_max.unwrap_or(usual))
        .acquire_timeout(DATABASE_TIMEOUT)
        // Statements are logged only for debugging, because they contain values of rows.
        .sqlx_logging_level(LevelFilter::Trace)
        .sqlx_slow_statements_logging_settings(LevelFilter::Warn, SLOW_STATEMENT);
    Ok(options)
}

/// The options for this SQLite file, which must exist.
pub(super) fn options_at(file: PathBuf, access: Access) -> ConnectOptions {
    let mut options = ConnectOptions::new("sqlite://");
    // Reading a whole file is expected to be slow.
    options.sqlx_logging(matches!(access, Access::Full(_)));
    options.map_sqlx_sqlite_opts(move |_: SqliteConnectOptions| {
        let options = SqliteConnectOptions::new()
            .filename(&file)
            .busy_timeout(DATABASE_TIMEOUT)
            .pragma("cache_size", CACHE_SIZE)
            .foreign_keys(true);
        match access {
            // What was committed must be on the disk, even after a power failure.
            Access::Full(Owner::Us) => options
                .journal_mode(SqliteJournalMode::Wal)
                .synchronous(SqliteSynchronous::Full),
            // The settings of NocoBase's own file are not changed.
            Access::Full(Owner::NocoBase) => options,
            Access::ReadOnly => options.read_only(true),
            Access::Still => options.read_only(true).immutable(true),
        }
    });
    options.map_sqlx_sqlite_pool_opts(|pool| {
        pool.after_release(|connection, _| Box::pin(is_outside(connection)))
            .before_acquire(|connection, _| Box::pin(is_outside(connection)))
    });
    options
}

/// Whether a connection is outside any transaction. One that is not is closed, which ends the
/// transaction.
///
/// SQLite ends a transaction by itself when the disk fails, and then the library believes that
/// there is one it can no longer roll back; or the rollback fails and the transaction stays open. A
/// transaction that begins on such a connection would only be a part of the old one: it would seem
/// to be committed and never be written.
async fn is_outside(connection: &mut SqliteConnection) -> Result<bool, sqlx::Error> {
    if connection.is_in_transaction() {
        // A rollback may still be under way.
        connection.ping().await?;
    }
    Ok(!connection.is_in_transaction())
}

fn postgres(config: &Config, access: Access) -> Result<ConnectOptions, DbErr> {
    let timeout = DATABASE_TIMEOUT.as_millis();
    let mut settings = format!(
        "SET default_transaction_isolation = 'read committed'; SET lock_timeout = {timeout}"
    );
    if let Some(schema) = &config.database.schema {
        settings = format!("{settings}; SET search_path = {}", schema.quoted());
    }
    if !matches!(access, Access::Full(_)) {
        settings = format!("{settings}; SET default_transaction_read_only = on");
    }
    let mut options = ConnectOptions::new(server_url(config, "postgres", 5432)?);
    let (host, tls) = (host(config).to_owned(), tls(config)?);
    options.map_sqlx_postgres_opts(move |options| with_postgres(options.host(&host), tls.as_ref()));
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

/// The options for MySQL and MariaDB. Dates are sent without a time zone; the library sets the
/// connection's time zone to UTC.
fn mysql(config: &Config, access: Access) -> Result<ConnectOptions, DbErr> {
    // The default isolation level locks gaps between rows, in which unrelated sign-ins would block
    // each other, and hides what others commit.
    const ISOLATION: &str = "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED";
    const READ_ONLY: &str = "SET SESSION TRANSACTION READ ONLY";
    let mut options = ConnectOptions::new(server_url(config, "mysql", 3306)?);
    let (host, tls) = (host(config).to_owned(), tls(config)?);
    options.map_sqlx_mysql_opts(move |options| with_mysql(options.host(&host), tls.as_ref()));
    options.map_sqlx_mysql_pool_opts(move |pool| {
        pool.after_connect(move |connection: &mut MySqlConnection, _| {
            Box::pin(async move {
                let timeout = DATABASE_TIMEOUT.as_secs();
                let timeout = format!("SET SESSION innodb_lock_wait_timeout = {timeout}");
                connection.execute(ISOLATION).await?;
                connection.execute(AssertSqlSafe(timeout)).await?;
                if !matches!(access, Access::Full(_)) {
                    connection.execute(READ_ONLY).await?;
                }
                Ok(())
            })
        })
    });
    Ok(options)
}

fn tls(config: &Config) -> Result<Option<Tls>, DbErr> {
    let tls = config.database.tls.read();
    tls.map_err(|error| DbErr::Custom(error.to_string()))
}

/// The host as it is given to the library, which an address in a URL would not reach unchanged: an IPv6 address has
/// brackets there.
fn host(config: &Config) -> &str {
    let host = config.database.host.as_str();
    let inner = host
        .strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'));
    inner.unwrap_or(host)
}

/// The address of the database server, but for its host.
fn server_url(config: &Config, scheme: &str, usual_port: u16) -> Result<String, DbErr> {
    let database = &config.database;
    let wrong = |what: &str| DbErr::Custom(format!("{what} cannot be used as it is written"));
    // A URL keeps a percent sign as it is, and the library reads it as the beginning of another character.
    let escaped = |text: &str| text.replace('%', "%25");
    let mut url = Url::parse(&format!("{scheme}://host")).map_err(|_| wrong("the database"))?;
    url.set_port(Some(database.port.unwrap_or(usual_port)))
        .map_err(|()| wrong("DB_PORT"))?;
    url.set_username(&escaped(&database.user))
        .map_err(|()| wrong("DB_USER"))?;
    let password = database.password.as_ref().map(Secret::expose);
    url.set_password(password.map(escaped).as_deref())
        .map_err(|()| wrong("DB_PASSWORD"))?;
    url.path_segments_mut()
        .map_err(|()| wrong("DB_DATABASE"))?
        .push(&database.database);
    Ok(url.into())
}

#[cfg(test)]
mod tests {
    use sea_orm::sqlx::mysql::MySqlConnectOptions;
    use sea_orm::sqlx::postgres::PgConnectOptions;

    use super::*;
    use crate::store::Store;

    #[tokio::test]
    async fn names_and_passwords_reach_the_library_as_they_are_written() {
        let storage = tempfile::tempdir().unwrap();
        let (_, mut config) = Store::fresh_with_config(storage.path()).await;
        for text in ["x%40y", "100%", "%ff", "a:b@c/d?e#f", "密码"] {
            config.database.user = text.to_owned();
            config.database.database = text.to_owned();
            config.database.password = Some(Secret::from(text.to_owned()));
            let url = server_url(&config, "postgres", 5432).unwrap();
            let postgres: PgConnectOptions = url.parse().unwrap();
            let url = server_url(&config, "mysql", 3306).unwrap();
            let mysql: MySqlConnectOptions = url.parse().unwrap();
            let password = format!("password: Some({text:?})");
            for (user, database, told) in [
                (
                    postgres.get_username(),
                    postgres.get_database(),
                    format!("{postgres:?}"),
                ),
                (
                    mysql.get_username(),
                    mysql.get_database(),
                    format!("{mysql:?}"),
                ),
            ] {
                assert_eq!((user, database), (text, Some(text)));
                assert!(told.contains(&password), "{text}");
            }
        }
    }

    #[tokio::test]
    async fn an_address_of_ipv6_has_no_brackets_for_the_library() {
        let storage = tempfile::tempdir().unwrap();
        let (_, mut config) = Store::fresh_with_config(storage.path()).await;
        for (written, expected) in [
            ("[::1]", "::1"),
            ("2001:db8::5", "2001:db8::5"),
            ("db.example.com", "db.example.com"),
        ] {
            config.database.host = written.to_owned();
            assert_eq!(host(&config), expected);
        }
    }
}
