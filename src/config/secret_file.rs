//! Files that contain a secret.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;
use std::time::Duration;

use crate::chain::Chain;

/// The beginning of the names of files in which a secret is being written.
const UNFINISHED: &str = ".new-secret-";
/// Writing a secret takes a moment. An unfinished file of this age belongs to a process that was
/// killed.
const ABANDONED_AFTER: Duration = Duration::from_hours(1);

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
        .prefix(UNFINISHED)
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

/// Removes the unfinished files that killed processes left in the folder of this secret. Younger
/// ones stay, because another process may be writing its secret at this moment. Nothing depends on
/// the removal, so a failure is only logged.
pub(super) fn remove_unfinished(file: &Path) {
    let folder = file.parent().unwrap_or(Path::new("."));
    // There is no folder before the first start.
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let is_unfinished = name.to_str().is_some_and(|it| it.starts_with(UNFINISHED));
        let written = entry.metadata().and_then(|metadata| metadata.modified());
        let age = written.ok().and_then(|written| written.elapsed().ok());
        let is_abandoned = is_unfinished && age.is_some_and(|age| age >= ABANDONED_AFTER);
        if is_abandoned && let Err(error) = fs::remove_file(entry.path()) {
            log::warn!(
                "cannot remove {}: {}",
                entry.path().display(),
                Chain(&error)
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_killed_start_left_is_removed_after_an_hour_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let written = |name: &str, age: Duration| {
            let path = folder.path().join(name);
            let file = File::create(&path).unwrap();
            let created = file.metadata().unwrap().modified().unwrap();
            file.set_modified(created - age).unwrap();
            path
        };
        let old = written(".new-secret-old", Duration::from_mins(61));
        let young = written(".new-secret-young", Duration::from_mins(59));
        let secret = written("jwt_secret.dat", Duration::from_mins(61));
        remove_unfinished(&secret);
        assert!(!old.exists());
        assert!(young.exists() && secret.exists());
        remove_unfinished(&folder.path().join("no such folder").join("x"));
    }
}
