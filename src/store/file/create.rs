//! Creating the SQLite file.

use std::path::Path;
use std::{fs, io};

/// Creates a missing file that only its owner can read, because it holds password hashes and client
/// secrets. SQLite gives its other files the same permissions.
///
/// An existing file is not opened: see the head of the module `file`. Closing a file that was just
/// created is safe, because nobody can have locked it.
pub fn create_private(file: &Path) -> io::Result<()> {
    use std::os::unix::fs::OpenOptionsExt;
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder)?;
    }
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true).mode(0o600);
    match options.open(file) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        made => made.map(drop),
    }
}
