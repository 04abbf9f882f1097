//! Databases that only a measurement uses.

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection};

use crate::Failure;

/// The kind of a database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DatabaseKind {
    /// A SQLite file.
    Sqlite,
    /// A PostgreSQL database at the server that `DB_HOST`, `DB_PORT`, `DB_USER` and `DB_PASSWORD` name.
    Postgres,
    /// A MariaDB database at the server that these variables name.
    Mariadb,
}

impl DatabaseKind {
    /// The kind with this name of `DB_DIALECT`.
    pub fn of(name: &str) -> Result<Self, Failure> {
        match name {
            "sqlite" => Ok(Self::Sqlite),
            "postgres" => Ok(Self::Postgres),
            "mariadb" => Ok(Self::Mariadb),
            other => Err(format!("sqlite, postgres or mariadb, not {other}").into()),
        }
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgres",
            Self::Mariadb => "mariadb",
        }
    }
}

/// The number of databases of this process, which becomes a part of the next name.
static MADE: AtomicUsize = AtomicUsize::new(0);

/// Indexes that a standalone server adds to tables of NocoBase's shape.
const OUR_INDEXES: [(&str, &str); 2] = [
    ("issuedTokens", "dingtalk_issued_tokens_user_id"),
    (
        "usersAuthenticators",
        "dingtalk_users_authenticators_subject",
    ),
];

/// A database.
pub struct BenchDatabase {
    /// Its kind.
    pub kind: DatabaseKind,
    /// Host and port of its server.
    pub server: (String, u16),
    name: String,
    user: String,
    password: String,
    url: String,
}

impl BenchDatabase {
    /// Creates an empty database. A SQLite file is created in this folder.
    pub async fn create(kind: DatabaseKind, storage: &Path) -> Result<Self, Failure> {
        let setting = |name: &str, usual: &str| std::env::var(name).unwrap_or(usual.to_owned());
        let number = MADE.fetch_add(1, Ordering::Relaxed);
        let name = format!("nbdt_bench_{}_{number}", std::process::id());
        let (port, scheme) = match kind {
            DatabaseKind::Mariadb => ("3306", "mysql"),
            _ => ("5432", "postgres"),
        };
        let (host, port) = (setting("DB_HOST", "127.0.0.1"), setting("DB_PORT", port));
        let (user, password) = (setting("DB_USER", "root"), setting("DB_PASSWORD", ""));
        let server = format!("{scheme}://{user}:{password}@{host}:{port}");
        let mut database = Self {
            kind,
            url: format!("{server}/{name}"),
            server: (host, port.parse()?),
            name,
            user,
            password,
        };
        if kind == DatabaseKind::Sqlite {
            let file = storage.join("db/nocobase.sqlite");
            database.url = format!("sqlite://{}", file.display());
            return Ok(database);
        }
        let maintenance = match kind {
            DatabaseKind::Mariadb => "mysql",
            _ => "postgres",
        };
        let connection = connect(&format!("{server}/{maintenance}")).await?;
        let name = &database.name;
        for statement in [
            format!("DROP DATABASE IF EXISTS {name}"),
            format!("CREATE DATABASE {name}"),
        ] {
            connection.execute_unprepared(&statement).await?;
        }
        connection.close().await?;
        Ok(database)
    }

    /// The flags with which a server uses it.
    pub fn flags(&self) -> Vec<String> {
        self.flags_at(&self.server.0, self.server.1)
    }

    /// The flags with which a server uses it at another address.
    pub fn flags_at(&self, host: &str, port: u16) -> Vec<String> {
        let mut flags = vec![format!("--db-dialect={}", self.kind.name())];
        if self.kind != DatabaseKind::Sqlite {
            flags.extend([
                format!("--db-host={host}"),
                format!("--db-port={port}"),
                format!("--db-database={}", self.name),
                format!("--db-user={}", self.user),
                format!("--db-password={}", self.password),
            ]);
        }
        flags
    }

    /// A connection beside the server's own.
    pub async fn connect(&self) -> Result<DatabaseConnection, Failure> {
        connect(&self.url).await
    }

    /// A statement whose names are in `"`, with the quotation marks of this database.
    pub fn quoted(&self, statement: &str) -> String {
        match self.kind {
            DatabaseKind::Mariadb => statement.replace('"', "`"),
            _ => statement.to_owned(),
        }
    }

    /// Changes a database that a first start has created into one as NocoBase has it: removes what NocoBase
    /// lacks.
    pub async fn look_like_nocobases(&self) -> Result<(), Failure> {
        let connection = self.connect().await?;
        for statement in [
            "DELETE FROM \"applicationPlugins\" WHERE name = 'auth-dingtalk'",
            "DELETE FROM dingtalk_migrations WHERE version LIKE '%nocobase_tables' \
             OR version LIKE '%api_keys'",
        ] {
            connection
                .execute_unprepared(&self.quoted(statement))
                .await?;
        }
        for (table, index) in OUR_INDEXES {
            let drop = match self.kind {
                DatabaseKind::Mariadb => format!("DROP INDEX IF EXISTS {index} ON \"{table}\""),
                _ => format!("DROP INDEX IF EXISTS {index}"),
            };
            connection.execute_unprepared(&self.quoted(&drop)).await?;
        }
        connection.close().await?;
        Ok(())
    }
}

async fn connect(url: &str) -> Result<DatabaseConnection, Failure> {
    let mut options = ConnectOptions::new(url);
    options.max_connections(1).sqlx_logging(false);
    Ok(Database::connect(options).await?)
}
