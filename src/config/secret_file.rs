//! Files that hold a secret.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

/// Puts a new secret into a file that only its owner can read: whole, or not at all. False when there is one
/// already, of a server that was faster.
///
/// A kill between making a file and writing it would leave an empty one, which nobody could start with, and
/// somebody who starts at the same moment could read it too early. So it is written beside, brought to the
/// disk, and then given its name, which takes nothing from anybody.
pub(super) fn write_once(file: &Path, secret: &[u8]) -> io::Result<bool> {
    let folder = file.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let mut beside = tempfile::Builder::new()
        .prefix(".new-secret-")
        .tempfile_in(folder)?;
    beside.write_all(secret)?;
    beside.as_file().sync_all()?;
    match beside.persist_noclobber(file) {
        Ok(_) => {}
        Err(failure) if failure.error.kind() == io::ErrorKind::AlreadyExists => return Ok(false),
        Err(failure) => return Err(failure.error),
    }
    // The name has to reach the disk, too, before anything is signed or encrypted.
    File::open(folder)?.sync_all()?;
    Ok(true)
}
