//! Files that contain a secret.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

/// Writes a new secret into a file that only its owner can read, completely or not at all. Returns
/// false when there already is one, from a server that was faster.
///
/// If the process were killed between creating the file and writing it, an empty file would be
/// left, with which no server could start; and a server that starts at the same moment could read
/// it too early. So the secret is written to another file, synced to the disk, and then linked to
/// its name, which never replaces a file.
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
    // The name must be on the disk, too, before anything is signed or encrypted with the secret.
    File::open(folder)?.sync_all()?;
    Ok(true)
}
