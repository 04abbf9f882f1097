//! The lock that allows only one server for each SQLite file.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, fchown};
use std::path::Path;

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
    /// The lock file belongs to another user, with this number, who lets nobody else open it.
    #[error(
        "cannot lock {0}, which belongs to the user with the number {1}: a server or a command was run as that user. Give the files in its folder to the user who runs the server (chown), and run commands as that user, too"
    )]
    Foreign(String, u32),
    /// The lock file cannot be created or locked.
    #[error("cannot lock {0}: {1}")]
    File(String, io::Error),
}

impl ServerLockError {
    /// Why this lock file cannot be opened.
    fn unopened(path: &Path, error: io::Error) -> Self {
        let name = path.display().to_string();
        match fs::metadata(path) {
            Ok(there) if error.kind() == io::ErrorKind::PermissionDenied => {
                Self::Foreign(name, there.uid())
            }
            _ => Self::File(name, error),
        }
    }
}

impl ServerLock {
    /// Takes the lock for as long as the value lives. Database servers allow several servers, and a
    /// NocoBase's file belongs to NocoBase, so in those cases there is no lock.
    pub fn take(config: &Config) -> Result<Option<Self>, ServerLockError> {
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
        let file = open(&path, &database);
        let file = file.map_err(|error| ServerLockError::unopened(&path, error))?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Self { _file: file })),
            Err(TryLockError::WouldBlock) => {
                Err(ServerLockError::Taken(database.display().to_string()))
            }
            Err(TryLockError::Error(error)) => Err(failed(error)),
        }
    }
}

/// Opens the lock file, and creates one that is missing.
fn open(path: &Path, database: &Path) -> io::Result<File> {
    let mut new = OpenOptions::new();
    new.append(true).create_new(true).mode(0o600);
    match new.open(path) {
        Ok(file) => {
            give_to_owner(&file, database);
            Ok(file)
        }
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => open_existing(path),
        Err(error) => Err(error),
    }
}

/// Opens a lock file that is there. It can be locked without being writable, except over a network.
fn open_existing(path: &Path) -> io::Result<File> {
    match OpenOptions::new().append(true).open(path) {
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => File::open(path),
        opened => opened,
    }
}

/// Gives a new lock file to the owner of the database or of its folder, as SQLite does with its own files.
/// Otherwise a command that root runs would keep a server away that another user runs.
fn give_to_owner(file: &File, database: &Path) {
    let folder = || database.parent().map(fs::metadata);
    let owner = fs::metadata(database).ok().or_else(|| folder()?.ok());
    if let Some(owner) = owner {
        // Only root can give a file away, and a file of anybody else needs no other owner.
        let _ = fchown(file, Some(owner.uid()), Some(owner.gid()));
    }
}

#[cfg(test)]
mod tests {
    use std::fs::Permissions;
    use std::os::unix::fs::{PermissionsExt, chown};

    use super::*;
    use crate::store::Store;

    #[tokio::test]
    async fn a_lock_file_that_can_only_be_read_can_be_locked() {
        let folder = tempfile::tempdir().unwrap();
        let (_store, config) = Store::fresh_with_config(folder.path()).await;
        let path = beside(&fs::canonicalize(config.sqlite_file()).unwrap(), ".lock");
        fs::write(&path, "").unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o444)).unwrap();
        let lock = ServerLock::take(&config).unwrap();
        assert!(lock.is_some());
        let second = ServerLock::take(&config);
        assert!(
            matches!(second, Err(ServerLockError::Taken(_))),
            "{second:?}"
        );
    }

    #[test]
    fn a_lock_file_of_another_user_is_told_with_its_owner() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("nocobase.sqlite.lock");
        let denied = || io::Error::from(io::ErrorKind::PermissionDenied);
        let missing = ServerLockError::unopened(&path, denied());
        assert!(matches!(missing, ServerLockError::File(..)), "{missing:?}");
        fs::write(&path, "").unwrap();
        let owner = fs::metadata(&path).unwrap().uid();
        let told = ServerLockError::unopened(&path, denied()).to_string();
        let belongs = format!("belongs to the user with the number {owner}: ");
        assert!(told.contains(&belongs), "{told}");
    }

    #[tokio::test]
    async fn a_new_lock_file_belongs_to_whom_the_database_belongs() {
        let folder = tempfile::tempdir().unwrap();
        let (_store, config) = Store::fresh_with_config(folder.path()).await;
        let database = fs::canonicalize(config.sqlite_file()).unwrap();
        // Only root can give files away. Anybody else makes files that are their own.
        let _ = chown(&database, Some(4711), Some(4711));
        let _lock = ServerLock::take(&config).unwrap();
        let owner = |path: &Path| fs::metadata(path).unwrap().uid();
        assert_eq!(owner(&beside(&database, ".lock")), owner(&database));
    }
}
