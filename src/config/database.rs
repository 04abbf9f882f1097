//! Which database, under NocoBase's names.

use std::path::PathBuf;
use std::str::FromStr;

use clap::{Args, ValueEnum};

use super::Secret;

/// The kind of database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Dialect {
    /// One file beside the server.
    Sqlite,
    /// PostgreSQL.
    #[value(alias = "postgresql")]
    Postgres,
    /// MySQL.
    Mysql,
    /// MariaDB.
    Mariadb,
}

/// Where rows are kept.
#[derive(Args, Clone, Debug)]
pub struct Database {
    /// Kind of database.
    #[arg(
        long = "db-dialect",
        env = "DB_DIALECT",
        value_enum,
        default_value = "sqlite"
    )]
    pub dialect: Dialect,
    /// SQLite: the file [default: db/nocobase.sqlite in the storage folder].
    #[arg(long = "db-storage", env = "DB_STORAGE", value_name = "FILE")]
    pub storage: Option<PathBuf>,
    /// Host of the database server.
    #[arg(
        long = "db-host",
        env = "DB_HOST",
        default_value = "127.0.0.1",
        value_name = "HOST"
    )]
    pub host: String,
    /// Port of the database server [default: the usual one].
    #[arg(long = "db-port", env = "DB_PORT", value_name = "PORT")]
    pub port: Option<u16>,
    /// Name of the database.
    #[arg(
        long = "db-database",
        env = "DB_DATABASE",
        default_value = "nocobase",
        value_name = "NAME"
    )]
    pub database: String,
    /// Account at the database server.
    #[arg(
        long = "db-user",
        env = "DB_USER",
        default_value = "nocobase",
        value_name = "NAME"
    )]
    pub user: String,
    /// Password at the database server.
    #[arg(
        long = "db-password",
        env = "DB_PASSWORD",
        hide_env_values = true,
        value_name = "TEXT"
    )]
    pub password: Option<Secret>,
    /// PostgreSQL: the schema of the tables [default: the account's own, usually public].
    #[arg(long = "db-schema", env = "DB_SCHEMA", value_name = "NAME")]
    pub schema: Option<Schema>,
    /// Connections to keep open at most [default: 20, and 8 on SQLite].
    #[arg(
        long = "db-pool-max",
        env = "DB_POOL_MAX",
        // Whoever prepares the tables holds a lock on one connection and works on another.
        value_parser = clap::value_parser!(u32).range(2..),
        value_name = "N"
    )]
    pub pool_max: Option<u32>,
    /// NocoBase puts this before the names of tables; refused, for ours have none.
    #[arg(
        long = "db-table-prefix",
        env = "DB_TABLE_PREFIX",
        hide = true,
        value_name = "TEXT"
    )]
    pub table_prefix: Option<NoPrefix>,
    /// NocoBase names columns `user_id` with this instead of `userId`; refused.
    #[arg(
        long = "db-underscored",
        env = "DB_UNDERSCORED",
        hide = true,
        value_name = "BOOL"
    )]
    pub underscored: Option<NotUnderscored>,
}

/// Name of a schema.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schema(String);

impl Schema {
    /// The name.
    pub fn name(&self) -> &str {
        &self.0
    }

    /// The name as it stands in a statement.
    pub fn quoted(&self) -> String {
        format!("\"{}\"", self.0)
    }
}

/// A database setting that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseSettingError {
    /// A schema's name that PostgreSQL would have to be asked for with escapes.
    #[error(
        "DB_SCHEMA is a name of up to 63 letters, digits, hyphens and underscores, and begins with a letter or an underscore"
    )]
    Schema,
    /// Tables with a prefix.
    #[error("DB_TABLE_PREFIX is not supported yet: leave it unset")]
    TablePrefix,
    /// Columns with underscores.
    #[error("DB_UNDERSCORED=true is not supported yet: leave it unset")]
    Underscored,
}

impl FromStr for Schema {
    type Err = DatabaseSettingError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let starts_well = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
        if starts_well && text.len() <= 63 && text.chars().all(plain) {
            Ok(Self(text.to_owned()))
        } else {
            Err(DatabaseSettingError::Schema)
        }
    }
}

/// No prefix before the names of tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoPrefix;

impl FromStr for NoPrefix {
    type Err = DatabaseSettingError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.is_empty() {
            Ok(Self)
        } else {
            Err(DatabaseSettingError::TablePrefix)
        }
    }
}

/// Names of columns as NocoBase usually writes them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotUnderscored;

impl FromStr for NotUnderscored {
    type Err = DatabaseSettingError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        // NocoBase takes everything but `true` for false.
        if text.eq_ignore_ascii_case("true") {
            Err(DatabaseSettingError::Underscored)
        } else {
            Ok(Self)
        }
    }
}
