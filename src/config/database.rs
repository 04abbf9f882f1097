//! Which database, under NocoBase's names.

use std::path::PathBuf;

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
}
