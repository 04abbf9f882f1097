//! The name and version of the database.

use sea_orm::{ConnectionTrait, DbBackend, Statement};

use super::{Result, Store};

impl Store {
    /// The name and version of the database, such as `PostgreSQL 15.8`.
    pub async fn server(&self) -> Result<String> {
        let pool = self.pool();
        let backend = pool.get_database_backend();
        let question = match backend {
            DbBackend::Postgres => "SELECT current_setting('server_version')",
            DbBackend::MySql => "SELECT CAST(VERSION() AS CHAR)",
            _ => "SELECT sqlite_version()",
        };
        let answer = pool
            .query_one_raw(Statement::from_string(backend, question))
            .await?;
        let version: String = match answer {
            Some(row) => row.try_get_by_index(0)?,
            None => String::new(),
        };
        let name = match backend {
            DbBackend::Postgres => "PostgreSQL",
            DbBackend::MySql if version.contains("MariaDB") => "MariaDB",
            DbBackend::MySql => "MySQL",
            _ => "SQLite",
        };
        // Distributions add their name after the version.
        let number = version.split([' ', '-']).next().unwrap_or_default();
        Ok(format!("{name} {number}"))
    }
}
