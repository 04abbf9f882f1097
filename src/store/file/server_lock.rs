//! One server for one file.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;

use super::state::beside;
use crate::config::{Config, Dialect};

/// What says that a server uses a SQLite file of ours: a lock on a file of its own beside it. The system
/// takes it away when the process ends, however that comes. The file stays: whoever removed it could
/// take it from somebody who is about to lock it.
#[derive(Debug)]
pub struct ServerLock {
    /// Locked as long as it is open.
    _file: File,
}

/// Why this server may not have the database.
#[derive(Debug, thiserror::Error)]
pub enum ServerLockError {
    /// Another one has it.
    #[error(
        "another server is running on the database {0}: stop it first, or set STORAGE_PATH or DB_STORAGE to something else"
    )]
    Taken(String),
    /// The file beside it cannot be made or locked.
    #[error("cannot lock {0}: {1}")]
    File(String, io::Error),
}

impl ServerLock {
    /// Takes it for as long as the value lives. Database servers are made for several, and a NocoBase's file
    /// belongs to NocoBase: there is nothing to take then.
    pub fn take(config: &Config) -> Result<Option<Self>, ServerLockError> {
        use std::os::unix::fs::OpenOptionsExt;
        if config.database.dialect != Dialect::Sqlite || config.gateway.is_on() {
            return Ok(None);
        }
        let database = config.sqlite_file();
        // By whichever name somebody else has it open.
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
