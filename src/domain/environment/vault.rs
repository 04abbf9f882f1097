//! Encryption of stored secrets, in NocoBase's format.

use std::path::PathBuf;
use std::sync::OnceLock;

use aes::Aes256;
use cbc::cipher::block_padding::Pkcs7;
use cbc::cipher::{BlockDecryptMut, BlockEncryptMut, KeyIvInit};
use secrecy::{ExposeSecret, SecretBox, SecretString};

use crate::config::{EncryptionKey, EncryptionKeyError};

/// The length of an initialisation vector in bytes, which is one block of AES.
const IV: usize = 16;

/// Encrypts and decrypts the values of secrets. The format is that of NocoBase 2.2.15: the
/// hexadecimal digits of a random vector and of the value's AES-256-CBC encryption.
pub struct Vault {
    settings: EncryptionKey,
    storage: PathBuf,
    key: OnceLock<SecretBox<[u8; 32]>>,
}

/// Why a secret cannot be encrypted or decrypted.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// There is no key.
    #[error(transparent)]
    Key(#[from] EncryptionKeyError),
    /// The value was encrypted with another key, or is not encrypted.
    #[error("the value is not one that this server's encryption key made")]
    Unreadable,
}

impl Vault {
    /// A vault with the key of these settings. A malformed key is an error at once; a missing one
    /// is created when it is first needed.
    pub fn open(settings: EncryptionKey, storage: PathBuf) -> Result<Self, EncryptionKeyError> {
        let found = settings.find(&storage)?;
        let key = OnceLock::new();
        if let Some(found) = found {
            key.get_or_init(|| SecretBox::new(Box::new(found)));
        }
        Ok(Self {
            settings,
            storage,
            key,
        })
    }

    /// Encrypts a value to the text that is stored.
    pub fn encrypt(&self, value: &str) -> Result<String, VaultError> {
        let iv: [u8; IV] = rand::random();
        let key = match self.key()? {
            Some(key) => key,
            None => self.keep(self.settings.find_or_make(&self.storage)?),
        };
        let encryptor = cbc::Encryptor::<Aes256>::new(key.into(), &iv.into());
        let encrypted = encryptor.encrypt_padded_vec_mut::<Pkcs7>(value.as_bytes());
        Ok(hex::encode([&iv[..], &encrypted].concat()))
    }

    /// Decrypts a stored text.
    pub fn decrypt(&self, stored: &str) -> Result<SecretString, VaultError> {
        let bytes = hex::decode(stored).map_err(|_| VaultError::Unreadable)?;
        let (iv, encrypted) = bytes
            .split_first_chunk::<IV>()
            .ok_or(VaultError::Unreadable)?;
        // A new key could not decrypt anything, so none is created here.
        let key = self.key()?.ok_or(VaultError::Unreadable)?;
        let decryptor = cbc::Decryptor::<Aes256>::new(key.into(), iv.into());
        let value = decryptor.decrypt_padded_vec_mut::<Pkcs7>(encrypted);
        let value = value.map_err(|_| VaultError::Unreadable)?;
        let value = String::from_utf8(value).map_err(|_| VaultError::Unreadable)?;
        Ok(SecretString::from(value))
    }

    /// The key, if there is one by now: another server with the same folder may have created it.
    fn key(&self) -> Result<Option<&[u8; 32]>, VaultError> {
        if let Some(key) = self.key.get() {
            return Ok(Some(key.expose_secret()));
        }
        let found = self.settings.find(&self.storage)?;
        Ok(found.map(|found| self.keep(found)))
    }

    fn keep(&self, key: [u8; 32]) -> &[u8; 32] {
        let key = self.key.get_or_init(|| SecretBox::new(Box::new(key)));
        key.expose_secret()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vault(key: &str) -> Vault {
        let settings = EncryptionKey {
            app_aes_secret_key: Some(key.parse().unwrap()),
        };
        Vault::open(settings, PathBuf::new()).unwrap()
    }

    #[test]
    fn what_was_encrypted_is_read_with_the_same_key_alone() {
        let here = vault(&"0f".repeat(32));
        for value in ["", "s", "sixteen bytes ok", "密钥 with more than one block"] {
            let stored = here.encrypt(value).unwrap();
            assert_ne!(stored, here.encrypt(value).unwrap(), "never the same twice");
            assert_eq!(here.decrypt(&stored).unwrap().expose_secret(), value);
            let other = vault(&"f0".repeat(32)).decrypt(&stored);
            assert!(other.is_err() || other.unwrap().expose_secret() != value);
        }
    }

    #[test]
    fn a_secret_of_nocobase_is_read() {
        // NocoBase 2.2.15 encrypted "sec" to this text, with a key that was thrown away.
        let vault = vault("82e8df8051f72a67e8dfcdc2cc52ae6574ffebf92b7692f079f0bc75e885fa0d");
        let stored = "c60184145a0770e4b74afda186908a3f6a0edba522cb604107518c87c4d48a89";
        assert_eq!(vault.decrypt(stored).unwrap().expose_secret(), "sec");
    }

    #[test]
    fn what_was_not_encrypted_is_unreadable() {
        let vault = vault(&"0f".repeat(32));
        for stored in ["", "plain", "00", &"00".repeat(16), &"00".repeat(33)] {
            let error = vault.decrypt(stored).unwrap_err();
            assert!(matches!(error, VaultError::Unreadable), "{stored}");
        }
    }
}
