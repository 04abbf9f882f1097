//! Copying the database while a server writes to it.

use std::path::Path;

use sea_orm::{ConnectionTrait, Database, DatabaseConnection, DbBackend, DbErr, Statement};

use super::check::damage_of_copy;
use crate::config::Config;
use crate::store::StoreError;
use crate::store::options::{Access, options_at};

/// Why there is no copy.
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    /// The database cannot be read, or the copy cannot be written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The copy would be as damaged as the database.
    #[error("the database is damaged, and a copy would be, too: {0}")]
    Damaged(String),
}

impl From<DbErr> for CopyError {
    fn from(error: DbErr) -> Self {
        Self::Store(error.into())
    }
}

/// Writes the state of the database at one moment into an empty file, and checks the copy. A
/// running server is not blocked.
pub async fn copy(config: &Config, target: &Path) -> Result<(), CopyError> {
    let mut options = options_at(config.sqlite_file(), Access::ReadOnly);
    options.max_connections(1);
    let connection = Database::connect(options).await?;
    let written = write(&connection, target).await;
    connection.close().await?;
    written?;
    let damage = damage_of_copy(target).await?;
    if damage.is_empty() {
        return Ok(());
    }
    Err(CopyError::Damaged(damage.join("; ")))
}

async fn write(connection: &DatabaseConnection, target: &Path) -> Result<(), DbErr> {
    let target = target.to_str().ok_or_else(|| {
        DbErr::Custom(format!("{} is no name that SQLite takes", target.display()))
    })?;
    let copy = Statement::from_sql_and_values(DbBackend::Sqlite, "VACUUM INTO ?", [target.into()]);
    connection.execute_raw(copy).await?;
    Ok(())
}
