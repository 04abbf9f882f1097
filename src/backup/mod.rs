//! Backups of everything that cannot be created again: the database, the signing secret and the
//! encryption key.
//!
//! A backup has the layout of the storage folder, so a copy of it can replace the storage folder.

mod dump_command;
mod folder;

use std::path::{Path, PathBuf};
use std::{fs, io};

use crate::config::{
    Config, Dialect, EncryptionKey, EncryptionKeyError, SigningSecret, SigningSecretError,
};
use crate::store::{self, CopyError};
use folder::Unfinished;

/// The result of a backup.
#[derive(Debug)]
pub struct Saved {
    /// The files.
    pub files: Vec<PathBuf>,
    /// What else has to be kept, each in a sentence.
    pub notes: Vec<String>,
}

/// Why there is no backup.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// A database server has tools of its own for this.
    #[error(
        "the database server makes its own copies; run\n\n    {0}\n\nand keep what is in {1} with it"
    )]
    Elsewhere(String, String),
    /// The server was never started here.
    #[error("there is no database {0}: set STORAGE_PATH or DB_STORAGE to those of the server")]
    NoDatabase(String),
    /// The folder contains other files.
    #[error("{0} is not empty: name a folder that is, or one that is not there yet")]
    NotEmpty(String),
    /// The folder cannot be written.
    #[error("cannot write {0}: {1}")]
    Folder(String, io::Error),
    /// The database cannot be copied.
    #[error("the database was not copied: {0}")]
    Copy(#[from] CopyError),
    /// The signing secret cannot be used.
    #[error(transparent)]
    Signing(#[from] SigningSecretError),
    /// The encryption key cannot be used.
    #[error(transparent)]
    Encryption(#[from] EncryptionKeyError),
}

/// Copies everything into a folder that is empty or does not exist. If that fails or is cancelled,
/// nothing is left in it.
pub async fn save(config: &Config, target: &Path) -> Result<Saved, BackupError> {
    if config.database.dialect != Dialect::Sqlite {
        let secrets = config.storage_path.join("apps").join("main");
        return Err(BackupError::Elsewhere(
            dump_command::dump(config, target),
            secrets.display().to_string(),
        ));
    }
    let database = config.sqlite_file();
    if !fs::exists(&database).unwrap_or(true) {
        return Err(BackupError::NoDatabase(database.display().to_string()));
    }
    let folder = Unfinished::begin(target)?;
    store::copy(config, &folder.new_file("db/nocobase.sqlite")?).await?;
    // This comes after the database, so the key that encrypted a secret in it exists by now.
    let notes = copy_secrets(config, &folder)?;
    Ok(Saved {
        files: folder.finish()?,
        notes,
    })
}

/// Copies the secrets that are files, and names those that are not.
fn copy_secrets(config: &Config, folder: &Unfinished) -> Result<Vec<String>, BackupError> {
    let storage = &config.storage_path;
    let mut notes = Vec::new();
    let signing = SigningSecret::file(storage);
    match config.signing.find(storage)? {
        Some(secret) if is_in(&signing, &secret) => {
            folder.write("apps/main/jwt_secret.dat", &secret)?;
        }
        Some(_) => {
            notes.push("keep APP_KEY, too: it signs the tokens, and is not in the copy".to_owned());
        }
        None => {}
    }
    let encryption = EncryptionKey::file(storage);
    match config.encryption.find(storage)? {
        Some(key) if is_in(&encryption, &key) => folder.write("apps/main/aes_key.dat", &key)?,
        Some(_) => notes.push(
            "keep APP_AES_SECRET_KEY, too: it decrypts the secrets, and is not in the copy"
                .to_owned(),
        ),
        None => {}
    }
    if config.gateway.is_on() {
        notes.push("files that people sent to NocoBase are not in the copy".to_owned());
    }
    Ok(notes)
}

/// Whether the secret comes from this file.
fn is_in(file: &Path, secret: &[u8]) -> bool {
    fs::read(file).is_ok_and(|bytes| bytes == secret)
}
