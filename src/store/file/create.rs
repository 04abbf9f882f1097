//! Making the file.

use std::path::Path;
use std::{fs, io};

/// Makes the file where it is missing, for its owner alone: it holds password hashes and client
/// secrets. SQLite gives its other files the same rights.
///
/// A file that is there is not opened: see the head of this module. Whoever makes one that was not
/// there closes what nobody can have locked.
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
