//! How a SQLite file can be read without leaving a trace.

use std::ffi::OsString;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::SystemTime;
use std::{fs, io};

use sea_orm::DbErr;

use crate::store::options::Access;

/// Bytes 18 and 19 of a database with a write-ahead log.
const WITH_LOG: [u8; 2] = [2, 2];

/// The state of the file at one moment, for a process that has not opened it yet: see the head of
/// the module `file`.
#[derive(Debug, PartialEq, Eq)]
pub struct FileState {
    file: PathBuf,
    access: Access,
    /// When the file was last written, if it must not change while it is read.
    still_since: Option<SystemTime>,
}

impl FileState {
    /// The state of a file; none if it does not exist.
    ///
    /// When SQLite reads a database with a write-ahead log, it creates a `-wal` and a `-shm` file,
    /// and leaves them behind if it may not write. When these do not exist, nobody has the database
    /// open, and it can be read as a file that does not change.
    pub fn of(file: &Path) -> Result<Option<Self>, DbErr> {
        match Self::try_of(file) {
            Ok(state) => Ok(Some(state)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => {
                let problem = format!("cannot look into {}: {error}", file.display());
                Err(DbErr::Custom(problem))
            }
        }
    }

    fn try_of(file: &Path) -> io::Result<Self> {
        let written = fs::metadata(file)?.modified()?;
        let shared = || Self {
            file: file.to_owned(),
            access: Access::ReadOnly,
            still_since: None,
        };
        if !has_log(file)? {
            return Ok(shared());
        }
        let is_there = |end| fs::exists(beside(file, end));
        match (is_there("-wal")?, is_there("-shm")?) {
            (true, true) => Ok(shared()),
            (false, _) => Ok(Self {
                file: file.to_owned(),
                access: Access::Still,
                still_since: Some(written),
            }),
            (true, false) => Err(io::Error::other(
                "there is a -wal beside it and no -shm, as after an unfinished copy: a start of the server takes it in",
            )),
        }
    }

    /// How the file must be opened.
    pub fn access(&self) -> Access {
        self.access
    }

    /// Whether a file that could be read as one that does not change may have changed since: what
    /// was read from it may then be wrong. This does not open the file.
    pub fn has_begun_to_change(&self) -> bool {
        let Some(since) = self.still_since else {
            return false;
        };
        let written = fs::metadata(&self.file).and_then(|file| file.modified());
        let is_as_it_was = written.is_ok_and(|written| written == since);
        let has_writer = fs::exists(beside(&self.file, "-wal")).unwrap_or(true);
        !is_as_it_was || has_writer
    }
}

/// The path of a file that SQLite keeps beside the database.
pub fn beside(file: &Path, end: &str) -> PathBuf {
    let mut name = OsString::from(file);
    name.push(end);
    name.into()
}

fn has_log(file: &Path) -> io::Result<bool> {
    let mut header = Vec::new();
    fs::File::open(file)?.take(20).read_to_end(&mut header)?;
    Ok(header.ends_with(&WITH_LOG) && header.len() == 20)
}
