//! The settings of the database, under NocoBase's names.

use std::convert::Infallible;
use std::path::PathBuf;
use std::str::FromStr;

use clap::{Args, ValueEnum};
use entity::naming::Naming;

use super::{DatabaseTls, Secret};

/// The kind of database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Dialect {
    /// A file on this machine.
    Sqlite,
    /// PostgreSQL.
    #[value(alias = "postgresql")]
    Postgres,
    /// MySQL.
    Mysql,
    /// MariaDB.
    Mariadb,
}

/// The settings of the database.
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
    /// The most connections to keep open [default: 20, and 6 on SQLite].
    #[arg(
        long = "db-pool-max",
        env = "DB_POOL_MAX",
        // Preparing the tables takes two connections: one holds a lock, the other works.
        value_parser = clap::value_parser!(u32).range(2..),
        value_name = "N"
    )]
    pub pool_max: Option<u32>,
    /// Prefix of the names of all tables, as in NocoBase.
    #[arg(long = "db-table-prefix", env = "DB_TABLE_PREFIX", value_name = "TEXT")]
    pub table_prefix: Option<TablePrefix>,
    /// Whether tables and columns are named `user_id` instead of `userId`, as in NocoBase: true or
    /// false.
    #[arg(long = "db-underscored", env = "DB_UNDERSCORED", value_name = "BOOL")]
    pub underscored: Option<Underscored>,
    /// The settings of TLS to the database server.
    #[command(flatten)]
    pub tls: DatabaseTls,
}

impl Database {
    /// The names of tables and columns in the database.
    pub fn naming(&self) -> Naming {
        let prefix = self.table_prefix.as_ref().map_or("", |prefix| &prefix.0);
        let underscored = self.underscored.is_some_and(|underscored| underscored.0);
        Naming::new(prefix, underscored)
    }
}

/// The name of a schema.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schema(String);

impl Schema {
    /// The name.
    pub fn name(&self) -> &str {
        &self.0
    }

    /// The name, quoted for a statement.
    pub fn quoted(&self) -> String {
        format!("\"{}\"", self.0)
    }
}

/// A database setting that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseSettingError {
    /// The name of a schema that would have to be escaped on PostgreSQL.
    #[error(
        "DB_SCHEMA is a name of up to 63 letters, digits, hyphens and underscores, and begins with a letter or an underscore"
    )]
    Schema,
    /// A prefix of tables that would have to be escaped, or that leaves no room for their names.
    #[error("DB_TABLE_PREFIX is a text of up to 24 letters, digits and underscores")]
    TablePrefix,
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

/// The prefix of the names of tables; may be empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TablePrefix(String);

impl FromStr for TablePrefix {
    type Err = DatabaseSettingError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        // PostgreSQL cuts names after 63 bytes, and the longest of this product's tables has 37.
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
        if text.len() <= 24 && text.chars().all(plain) {
            Ok(Self(text.to_owned()))
        } else {
            Err(DatabaseSettingError::TablePrefix)
        }
    }
}

/// Whether names are written with underscores.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Underscored(bool);

impl FromStr for Underscored {
    type Err = Infallible;

    /// As in NocoBase 2.2.15, everything except `true` means false.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self(text == "true"))
    }
}
