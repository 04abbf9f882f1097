//! How a SQLite file can be read without leaving a trace.

use std::ffi::OsString;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};
use std::{fs, io};

use sea_orm::DbErr;
use tokio::time::sleep;

use crate::store::options::Access;

/// Bytes 18 and 19 of a database with a write-ahead log.
const WITH_LOG: [u8; 2] = [2, 2];

/// How often, and after which pauses, to look for a `-shm` beside a `-wal`.
const LOOKS: u32 = 20;
const PAUSE: Duration = Duration::from_millis(50);

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
    pub async fn of(file: &Path) -> Result<Option<Self>, DbErr> {
        Self::settled(file, || sleep(PAUSE)).await
    }

    /// Looks again after pauses while there is a `-wal` without a `-shm`. For a moment that is so beside
    /// every server that starts or ends: SQLite creates the `-wal` first, and removes it last.
    async fn settled<P>(file: &Path, pause: impl Fn() -> P) -> Result<Option<Self>, DbErr>
    where
        P: Future<Output = ()>,
    {
        let failed = |error: io::Error| {
            let problem = format!("cannot look into {}: {error}", file.display());
            DbErr::Custom(problem)
        };
        for look in 0..LOOKS {
            if look > 0 {
                pause().await;
            }
            match Self::try_of(file) {
                Ok(None) => {}
                Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
                outcome => return outcome.map_err(failed),
            }
        }
        Err(failed(io::Error::other(
            "there is a -wal beside it and no -shm, as after an unfinished copy: a start of the server takes it in",
        )))
    }

    /// The state of a file; none while it has a `-wal` and no `-shm`.
    fn try_of(file: &Path) -> io::Result<Option<Self>> {
        let written = fs::metadata(file)?.modified()?;
        let state = |access, still_since| {
            Some(Self {
                file: file.to_owned(),
                access,
                still_since,
            })
        };
        if !has_log(file)? {
            return Ok(state(Access::ReadOnly, None));
        }
        let is_there = |end| fs::exists(beside(file, end));
        Ok(match (is_there("-wal")?, is_there("-shm")?) {
            (true, true) => state(Access::ReadOnly, None),
            (false, _) => state(Access::Still, Some(written)),
            (true, false) => None,
        })
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

#[cfg(test)]
mod tests {
    use std::future::ready;

    use super::*;

    /// The file of a database with a write-ahead log, and a `-wal` beside it.
    fn with_log(folder: &Path) -> PathBuf {
        let file = folder.join("nocobase.sqlite");
        let mut header = [0; 100];
        header[18..20].copy_from_slice(&WITH_LOG);
        fs::write(&file, header).unwrap();
        fs::write(beside(&file, "-wal"), "").unwrap();
        file
    }

    /// How the file can be read when this is done in each pause.
    async fn access(file: &Path, meanwhile: impl Fn()) -> Result<Access, DbErr> {
        let pause = || {
            meanwhile();
            ready(())
        };
        let state = FileState::settled(file, pause).await?;
        Ok(state.unwrap().access())
    }

    #[tokio::test]
    async fn a_server_that_starts_or_ends_at_that_moment_is_no_unfinished_copy() {
        let folder = tempfile::tempdir().unwrap();
        let file = with_log(folder.path());
        let starts = || fs::write(beside(&file, "-shm"), "").unwrap();
        assert_eq!(access(&file, starts).await.unwrap(), Access::ReadOnly);
        fs::remove_file(beside(&file, "-shm")).unwrap();
        let ends = || fs::remove_file(beside(&file, "-wal")).unwrap();
        assert_eq!(access(&file, ends).await.unwrap(), Access::Still);
    }

    #[tokio::test]
    async fn an_unfinished_copy_is_not_read_without_its_log() {
        let folder = tempfile::tempdir().unwrap();
        let file = with_log(folder.path());
        let error = access(&file, || {}).await.unwrap_err();
        assert!(error.to_string().contains("no -shm"), "{error}");
        assert!(fs::exists(beside(&file, "-wal")).unwrap());
    }
}
