//! Secrets in the settings.

use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::{fmt, fs, io};

use clap::Args;
use secrecy::{ExposeSecret, SecretString};

use super::secret_file::{remove_unfinished, write_once};

/// A setting that is never printed.
#[derive(Clone)]
pub struct Secret(SecretString);

impl Secret {
    /// The value in clear text.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl FromStr for Secret {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self::from(text.to_owned()))
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(SecretString::from(text))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}

/// The settings of the secret that signs session tokens.
#[derive(Args, Clone, Debug)]
pub struct SigningSecret {
    /// Signs session tokens, unless `apps/main/jwt_secret.dat` lies in the storage folder.
    #[arg(long, env = "APP_KEY", hide_env_values = true, value_name = "TEXT")]
    pub app_key: Option<Secret>,
    /// Sign with `APP_KEY` even where a secret file exists, as NocoBase does with this setting.
    #[arg(
        long,
        env = "UNSAFE_USE_DEFAULT_JWT_SECRET",
        default_value_t = false,
        value_parser = clap::builder::BoolishValueParser::new(),
        action = clap::ArgAction::Set,
        value_name = "BOOL"
    )]
    pub unsafe_use_default_jwt_secret: bool,
}

/// Why there is no signing secret.
#[derive(Debug, thiserror::Error)]
pub enum SigningSecretError {
    /// The switch is set without the key.
    #[error("UNSAFE_USE_DEFAULT_JWT_SECRET is set but APP_KEY is not: set APP_KEY too")]
    NoAppKey,
    /// The file does not have NocoBase's format.
    #[error(
        "{0} must hold exactly 32 bytes: restore it from a backup, or remove it to make a new one (which signs everybody out)"
    )]
    WrongLength(String),
    /// The file is empty.
    #[error(
        "{0} is empty, as the first start of an older release could leave it: remove it if nobody has ever signed in here, else restore it from a backup"
    )]
    Empty(String),
    /// NocoBase's secret is not known.
    #[error(
        "the secret with which NocoBase signs is not known here: give the same APP_KEY as NocoBase has, or its storage folder as STORAGE_PATH"
    )]
    NotShared,
    /// The file cannot be read or written.
    #[error("cannot use the signing secret {0}: {1}")]
    File(String, io::Error),
}

/// Values of `APP_KEY` that NocoBase's documentation contains. NocoBase ignores them for that
/// reason.
const PRINTED_KEYS: [&str; 2] = ["your-secret-key", "test-key"];

impl SigningSecret {
    /// The secret by the rule of NocoBase 2.2.15, so that each server accepts the other's tokens:
    /// the key if the switch is set, else the file, else the key, else a new file. Every start
    /// comes by here, so it also removes what killed starts left beside the file.
    pub fn load(&self, storage: &Path) -> Result<Vec<u8>, SigningSecretError> {
        let file = Self::file(storage);
        remove_unfinished(&file);
        if let Some(secret) = self.find(storage)? {
            return Ok(secret);
        }
        let secret: [u8; 32] = rand::random();
        let failed = |error| SigningSecretError::File(file.display().to_string(), error);
        if write_once(&file, &secret).map_err(failed)? {
            return Ok(secret.to_vec());
        }
        self.find(storage)?
            .ok_or_else(|| failed(io::ErrorKind::NotFound.into()))
    }

    /// The secret that a NocoBase has. None is created: NocoBase prefers the file to its `APP_KEY`, so from its next start on
    /// it would sign with the new one, and everybody would be signed out.
    pub fn shared(&self, storage: &Path) -> Result<Vec<u8>, SigningSecretError> {
        self.find(storage)?.ok_or(SigningSecretError::NotShared)
    }

    /// Like [`Self::load`], but without creating a file; none when there is no secret yet.
    pub fn find(&self, storage: &Path) -> Result<Option<Vec<u8>>, SigningSecretError> {
        let key = self.app_key.as_ref().map(Secret::expose);
        if self.unsafe_use_default_jwt_secret {
            let key = key
                .filter(|key| !key.is_empty())
                .ok_or(SigningSecretError::NoAppKey)?;
            return Ok(Some(key.as_bytes().to_vec()));
        }
        let file = Self::file(storage);
        match fs::read(&file) {
            Ok(bytes) if bytes.len() == 32 => return Ok(Some(bytes)),
            Ok(bytes) if bytes.is_empty() => {
                return Err(SigningSecretError::Empty(file.display().to_string()));
            }
            Ok(_) => return Err(SigningSecretError::WrongLength(file.display().to_string())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(SigningSecretError::File(file.display().to_string(), error)),
        }
        let key = key.filter(|key| !key.is_empty() && !PRINTED_KEYS.contains(key));
        Ok(key.map(|key| key.as_bytes().to_vec()))
    }

    /// Where the secret of [`SigningSecret::find`] comes from, in words for the operator.
    pub fn source(&self, storage: &Path) -> Result<Option<String>, SigningSecretError> {
        let found = self.find(storage)?;
        let file = Self::file(storage);
        let is_in_file = self.is_in_file(storage);
        Ok(found.map(|_| {
            if is_in_file {
                format!("the file {}", file.display())
            } else {
                "APP_KEY".to_owned()
            }
        }))
    }

    /// Whether there is a secret in the storage folder, as after the first start of an installation.
    pub fn is_in_file(&self, storage: &Path) -> bool {
        !self.unsafe_use_default_jwt_secret && Self::file(storage).exists()
    }

    /// The path of the file.
    pub fn file(storage: &Path) -> PathBuf {
        storage.join("apps").join("main").join("jwt_secret.dat")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signing(key: Option<&str>, switch: bool) -> SigningSecret {
        SigningSecret {
            app_key: key.map(|key| key.parse().unwrap()),
            unsafe_use_default_jwt_secret: switch,
        }
    }

    #[test]
    fn the_key_is_used_as_written_while_there_is_no_file() {
        let storage = tempfile::tempdir().unwrap();
        let secret = signing(Some("c2VjcmV0"), false)
            .load(storage.path())
            .unwrap();
        assert_eq!(secret, b"c2VjcmV0");
    }

    #[test]
    fn a_file_beats_the_key_unless_the_switch_is_set() {
        let storage = tempfile::tempdir().unwrap();
        let made = signing(None, false).load(storage.path()).unwrap();
        assert_eq!(made.len(), 32);
        assert_eq!(
            signing(Some("key"), false).load(storage.path()).unwrap(),
            made
        );
        assert_eq!(
            signing(Some("key"), true).load(storage.path()).unwrap(),
            b"key"
        );
    }

    #[test]
    fn a_key_out_of_the_documentation_is_not_used() {
        let storage = tempfile::tempdir().unwrap();
        let secret = signing(Some("your-secret-key"), false)
            .load(storage.path())
            .unwrap();
        assert_eq!(secret.len(), 32);
    }

    #[test]
    fn a_file_of_another_length_is_refused() {
        let storage = tempfile::tempdir().unwrap();
        let folder = storage.path().join("apps/main");
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("jwt_secret.dat"), b"short").unwrap();
        let error = signing(None, false).load(storage.path()).unwrap_err();
        assert!(matches!(error, SigningSecretError::WrongLength(_)));
    }

    #[test]
    fn of_many_who_start_at_once_all_sign_with_the_same_secret() {
        for _ in 0..50 {
            let storage = tempfile::tempdir().unwrap();
            let together = std::sync::Barrier::new(8);
            let secrets: Vec<_> = std::thread::scope(|scope| {
                let load = || {
                    together.wait();
                    signing(None, false).load(storage.path()).unwrap()
                };
                let starts: Vec<_> = (0..8).map(|_| scope.spawn(load)).collect();
                let secrets = starts.into_iter().map(|start| start.join().unwrap());
                secrets.collect()
            });
            assert!(secrets.iter().all(|secret| *secret == secrets[0]));
            let folder = SigningSecret::file(storage.path());
            let folder = fs::read_dir(folder.parent().unwrap()).unwrap();
            assert_eq!(folder.count(), 1, "nothing else is left");
        }
    }

    #[test]
    fn a_start_removes_what_a_killed_one_left_long_ago() {
        let storage = tempfile::tempdir().unwrap();
        let made = signing(None, false).load(storage.path()).unwrap();
        let secret = SigningSecret::file(storage.path());
        let left = secret.with_file_name(".new-secret-x");
        let file = fs::File::create(&left).unwrap();
        let long_ago = std::time::SystemTime::UNIX_EPOCH;
        file.set_modified(long_ago).unwrap();
        assert_eq!(signing(None, false).load(storage.path()).unwrap(), made);
        assert!(!left.exists());
    }

    #[test]
    fn an_empty_file_is_named_as_what_it_is() {
        let storage = tempfile::tempdir().unwrap();
        let file = SigningSecret::file(storage.path());
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(&file, b"").unwrap();
        let error = signing(None, false).load(storage.path()).unwrap_err();
        assert!(matches!(error, SigningSecretError::Empty(_)), "{error}");
    }

    #[test]
    #[cfg(unix)]
    fn a_new_file_is_private() {
        use std::os::unix::fs::PermissionsExt;
        let storage = tempfile::tempdir().unwrap();
        signing(None, false).load(storage.path()).unwrap();
        let file = storage.path().join("apps/main/jwt_secret.dat");
        assert_eq!(
            fs::metadata(file).unwrap().permissions().mode() & 0o777,
            0o600
        );
    }

    #[test]
    fn a_secret_is_not_printed() {
        let text = format!("{:?}", signing(Some("hunter2"), false));
        assert!(!text.contains("hunter2"), "{text}");
    }
}
