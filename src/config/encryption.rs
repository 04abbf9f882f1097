//! The key that encrypts secret variables, `{{ $env.NAME }}`.

use std::path::{Path, PathBuf};
use std::{fs, io};

use clap::Args;

use super::secret::Secret;
use super::secret_file::write_once;

/// The length of a key, in bytes, for AES-256.
const LENGTH: usize = 32;

/// The source of the key. The rule is that of NocoBase 2.2.15, so that each server can read the
/// other's secrets.
#[derive(Args, Clone, Debug, Default)]
pub struct EncryptionKey {
    /// Encrypts secrets among the variables: 64 hexadecimal digits [default: the file
    /// `apps/main/aes_key.dat` in the storage folder, made when it is first needed].
    #[arg(
        long,
        env = "APP_AES_SECRET_KEY",
        hide_env_values = true,
        value_name = "HEX"
    )]
    pub app_aes_secret_key: Option<Secret>,
}

/// Why there is no key.
#[derive(Debug, thiserror::Error)]
pub enum EncryptionKeyError {
    /// The setting is not a key.
    #[error("APP_AES_SECRET_KEY must be 64 hexadecimal digits")]
    Malformed,
    /// The file does not have NocoBase's format.
    #[error("{0} must hold exactly 32 bytes: restore it from a backup")]
    WrongLength(String),
    /// The file is empty.
    #[error(
        "{0} is empty, as an older release could leave it: remove it if there is no secret among the variables, else restore it from a backup"
    )]
    Empty(String),
    /// The file cannot be read or written.
    #[error("cannot use the encryption key {0}: {1}")]
    File(String, io::Error),
}

impl EncryptionKey {
    /// The existing key, from the setting or else from the file; none when there is neither.
    pub fn find(&self, storage: &Path) -> Result<Option<[u8; LENGTH]>, EncryptionKeyError> {
        let setting = self.app_aes_secret_key.as_ref().map(Secret::expose);
        if let Some(text) = setting.filter(|text| !text.is_empty()) {
            let mut key = [0; LENGTH];
            hex::decode_to_slice(text, &mut key).map_err(|_| EncryptionKeyError::Malformed)?;
            return Ok(Some(key));
        }
        let path = Self::file(storage);
        match fs::read(&path) {
            Ok(bytes) if bytes.is_empty() => {
                Err(EncryptionKeyError::Empty(path.display().to_string()))
            }
            Ok(bytes) => match <[u8; LENGTH]>::try_from(bytes) {
                Ok(key) => Ok(Some(key)),
                Err(_) => Err(EncryptionKeyError::WrongLength(path.display().to_string())),
            },
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(EncryptionKeyError::File(path.display().to_string(), error)),
        }
    }

    /// Like [`Self::find`], but creates a missing key in a file that only its owner can read.
    pub fn find_or_make(&self, storage: &Path) -> Result<[u8; LENGTH], EncryptionKeyError> {
        if let Some(key) = self.find(storage)? {
            return Ok(key);
        }
        let path = Self::file(storage);
        let key: [u8; LENGTH] = rand::random();
        let failed = |error| EncryptionKeyError::File(path.display().to_string(), error);
        if write_once(&path, &key).map_err(failed)? {
            return Ok(key);
        }
        self.find(storage)?
            .ok_or_else(|| failed(io::ErrorKind::NotFound.into()))
    }

    /// The path of the file.
    pub fn file(storage: &Path) -> PathBuf {
        storage.join("apps").join("main").join("aes_key.dat")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn setting(text: &str) -> EncryptionKey {
        EncryptionKey {
            app_aes_secret_key: Some(text.parse().unwrap()),
        }
    }

    #[test]
    fn a_key_is_made_once_and_for_its_owner_alone() {
        let storage = tempfile::tempdir().unwrap();
        let none = EncryptionKey::default();
        assert_eq!(none.find(storage.path()).unwrap(), None);
        let made = none.find_or_make(storage.path()).unwrap();
        assert_eq!(none.find_or_make(storage.path()).unwrap(), made);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let file = fs::metadata(EncryptionKey::file(storage.path())).unwrap();
            assert_eq!(file.permissions().mode() & 0o777, 0o600);
        }
        let other = setting(&"ab".repeat(LENGTH)).find_or_make(storage.path());
        assert_eq!(other.unwrap(), [0xab; LENGTH], "the setting comes first");
    }

    #[test]
    fn what_is_no_key_is_refused_and_not_quoted() {
        let storage = tempfile::tempdir().unwrap();
        let error = setting("hunter2").find(storage.path()).unwrap_err();
        assert!(!error.to_string().contains("hunter2"), "{error}");
        let path = EncryptionKey::file(storage.path());
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, b"short").unwrap();
        let error = EncryptionKey::default().find_or_make(storage.path());
        assert!(matches!(
            error.unwrap_err(),
            EncryptionKeyError::WrongLength(_)
        ));
        // An empty file is not replaced, because something may have been encrypted with the lost
        // key.
        fs::write(&path, b"").unwrap();
        let error = EncryptionKey::default().find_or_make(storage.path());
        assert!(matches!(error.unwrap_err(), EncryptionKeyError::Empty(_)));
    }
}
