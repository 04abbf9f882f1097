//! The lock that allows only one server for each SQLite file.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;

use super::state::beside;
use crate::config::{Config, Dialect};

/// A lock on a separate file beside the database, which shows that a server uses it, or that a
/// command is about to change its tables. The system releases it when the process ends, for
/// whatever reason. The file is never removed, because another process may be about to lock it.
#[derive(Debug)]
pub struct ServerLock {
    /// The file is locked for as long as it is open.
    _file: File,
}

/// Why this server may not use the database.
#[derive(Debug, thiserror::Error)]
pub enum ServerLockError {
    /// Another server uses it, or a command is about to change its tables.
    #[error(
        "another server, or a command that changes its tables, uses the database {0}: stop it first, or set STORAGE_PATH or DB_STORAGE to something else"
    )]
    Taken(String),
    /// The lock file cannot be created or locked.
    #[error("cannot lock {0}: {1}")]
    File(String, io::Error),
}

impl ServerLock {
    /// Takes the lock for as long as the value lives. Database servers allow several servers, and a
    /// NocoBase's file belongs to NocoBase, so in those cases there is no lock.
    pub fn take(config: &Config) -> Result<Option<Self>, ServerLockError> {
        use std::os::unix::fs::OpenOptionsExt;
        if config.database.dialect != Dialect::Sqlite || config.gateway.is_on() {
            return Ok(None);
        }
        let database = config.sqlite_file();
        // The name is resolved, because the other server may use another name for the same file.
        let database = fs::canonicalize(&database).unwrap_or(database);
        let path = beside(&database, ".lock");
        let failed = |error| ServerLockError::File(path.display().to_string(), error);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(failed)?;
        }
        let mut options = OpenOptions::new();
        options.append(true).create(true).mode(0o600);
        let file = options.open(&path).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Self { _file: file })),
            Err(TryLockError::WouldBlock) => {
                Err(ServerLockError::Taken(database.display().to_string()))
            }
            Err(TryLockError::Error(error)) => Err(failed(error)),
        }
    }
}
