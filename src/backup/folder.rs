//! The folder of a backup, which is either complete or absent.

use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::BackupError;

/// A folder that is being filled. Its files are in a temporary folder until all of them are
/// written, and are removed with this value otherwise.
pub struct Unfinished {
    target: PathBuf,
    /// The temporary folder. It is declared first so that it is removed before the folder around
    /// it.
    inside: TempDir,
    /// The folder itself is removed again if it did not exist before.
    _made: Option<CreatedFolder>,
}

/// A folder that was created here.
struct CreatedFolder(PathBuf);

impl Drop for CreatedFolder {
    fn drop(&mut self) {
        // A folder that is not empty stays.
        let _ = fs::remove_dir(&self.0);
    }
}

impl Unfinished {
    /// Creates the folder, or uses an empty one, readable by its owner only.
    pub fn begin(target: &Path) -> Result<Self, BackupError> {
        let failed = |error| failed(target, error);
        let made = match DirBuilder::new().mode(0o700).create(target) {
            Ok(()) => Some(CreatedFolder(target.to_owned())),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => None,
            Err(error) => return Err(failed(error)),
        };
        if fs::read_dir(target).map_err(failed)?.next().is_some() {
            return Err(BackupError::NotEmpty(target.display().to_string()));
        }
        fs::set_permissions(target, Permissions::from_mode(0o700)).map_err(failed)?;
        // The path is resolved, because SQLite interprets some paths in another way.
        let target = target.canonicalize().map_err(failed)?;
        let inside = tempfile::Builder::new()
            .prefix(".unfinished-")
            .tempdir_in(&target)
            .map_err(failed)?;
        Ok(Self {
            target,
            inside,
            _made: made,
        })
    }

    /// Creates an empty file that only its owner can read, to be filled by other code.
    pub fn new_file(&self, name: &str) -> Result<PathBuf, BackupError> {
        let path = self.inside.path().join(name);
        create(&path).map_err(|error| failed(&path, error))?;
        Ok(path)
    }

    /// Writes a file that only its owner can read.
    pub fn write(&self, name: &str, bytes: &[u8]) -> Result<(), BackupError> {
        let path = self.inside.path().join(name);
        let written = create(&path).and_then(|mut file| file.write_all(bytes));
        written.map_err(|error| failed(&path, error))
    }

    /// Syncs everything to the disk and moves it to its place; returns the files.
    pub fn finish(self) -> Result<Vec<PathBuf>, BackupError> {
        let failed = |error| failed(&self.target, error);
        let mut files = Vec::new();
        sync(self.inside.path(), &mut files).map_err(failed)?;
        let mut moved = Vec::new();
        for entry in fs::read_dir(self.inside.path()).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let place = self.target.join(entry.file_name());
            if let Err(error) = fs::rename(entry.path(), &place) {
                for place in &moved {
                    let _ = fs::remove_dir_all(place);
                }
                return Err(failed(error));
            }
            moved.push(place);
        }
        File::open(&self.target)
            .and_then(|folder| folder.sync_all())
            .map_err(failed)?;
        let from = self.inside.path().to_owned();
        let names = files
            .iter()
            .filter_map(|file| file.strip_prefix(&from).ok());
        let mut files: Vec<_> = names.map(|name| self.target.join(name)).collect();
        files.sort();
        Ok(files)
    }
}

fn create(path: &Path) -> io::Result<File> {
    if let Some(folder) = path.parent() {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)?;
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true).mode(0o600).open(path)
}

/// Syncs a folder and its contents to the disk, and collects the files.
fn sync(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            sync(&entry.path(), files)?;
        } else {
            File::open(entry.path())?.sync_all()?;
            files.push(entry.path());
        }
    }
    File::open(folder)?.sync_all()
}

fn failed(path: &Path, error: io::Error) -> BackupError {
    BackupError::Folder(path.display().to_string(), error)
}
