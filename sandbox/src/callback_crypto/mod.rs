//! The cryptography of callbacks (DingTalk's page "Callback event message body encryption and
//! decryption"): AES-256-CBC with PKCS#7 padding to blocks of 32 bytes, and a SHA-1 over the sorted
//! parts as the signature.

use aes::{
    Aes256,
    cipher::{BlockDecryptMut, BlockEncryptMut, KeyIvInit, block_padding::NoPadding},
};
use base64::{
    Engine,
    alphabet::STANDARD,
    engine::{GeneralPurpose, GeneralPurposeConfig},
};
use sha1::{Digest, Sha1};

/// Messages are padded to a multiple of this many bytes.
const BLOCK: usize = 32;
/// A message begins with 16 random bytes and four bytes that hold its length.
const RANDOM: usize = 16;
const HEAD: usize = RANDOM + 4;

/// The last of the 43 characters of a key carries two bits that are ignored and need not be zero.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true),
);

/// Why a message could not be encrypted or decrypted, with DingTalk's error numbers.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum CryptoError {
    /// The error 900004.
    #[error("900004: the key must have 43 letters and digits")]
    Key,
    /// The error 900005.
    #[error("900005: the signature does not match")]
    Signature,
    /// The error 900008.
    #[error("900008: the message cannot be decrypted")]
    Decrypt,
    /// The error 900010.
    #[error("900010: the message is another owner's")]
    Owner,
}

/// The secrets that both sides know.
pub struct CallbackKeys {
    token: String,
    key: [u8; 32],
    owner: String,
}

impl CallbackKeys {
    /// Decodes the key from its 43 characters.
    pub fn new(token: &str, aes_key: &str, owner: &str) -> Result<Self, CryptoError> {
        if aes_key.len() != 43 {
            return Err(CryptoError::Key);
        }
        let key = BASE64.decode(format!("{aes_key}="));
        let key = key.ok().and_then(|key| key.try_into().ok());
        Ok(Self {
            token: token.to_owned(),
            key: key.ok_or(CryptoError::Key)?,
            owner: owner.to_owned(),
        })
    }

    /// Encrypts a message, which gets 16 random bytes in front of it.
    pub fn encrypt(&self, message: &str, random: [u8; RANDOM]) -> String {
        let length = u32::try_from(message.len()).unwrap_or(u32::MAX);
        let mut plain = [
            &random[..],
            &length.to_be_bytes(),
            message.as_bytes(),
            self.owner.as_bytes(),
        ]
        .concat();
        let padding = BLOCK - plain.len() % BLOCK;
        let byte = u8::try_from(padding).unwrap_or_default();
        plain.resize(plain.len() + padding, byte);
        let cipher = cbc::Encryptor::<Aes256>::new(&self.key.into(), &self.vector().into());
        BASE64.encode(cipher.encrypt_padded_vec_mut::<NoPadding>(&plain))
    }

    /// Checks the signature and the owner of a message, and decrypts it.
    pub fn decrypt(
        &self,
        signature: &str,
        timestamp: &str,
        nonce: &str,
        encrypted: &str,
    ) -> Result<String, CryptoError> {
        if self.sign(timestamp, nonce, encrypted) != signature {
            return Err(CryptoError::Signature);
        }
        let encrypted = BASE64.decode(encrypted).map_err(|_| CryptoError::Decrypt)?;
        let cipher = cbc::Decryptor::<Aes256>::new(&self.key.into(), &self.vector().into());
        let plain = cipher.decrypt_padded_vec_mut::<NoPadding>(&encrypted);
        let plain = plain.map_err(|_| CryptoError::Decrypt)?;
        let (message, owner) = unpacked(&plain).ok_or(CryptoError::Decrypt)?;
        if owner != self.owner.as_bytes() {
            return Err(CryptoError::Owner);
        }
        String::from_utf8(message.to_vec()).map_err(|_| CryptoError::Decrypt)
    }

    /// The signature of a message, in lowercase hexadecimal digits.
    pub fn sign(&self, timestamp: &str, nonce: &str, encrypted: &str) -> String {
        let mut parts = [self.token.as_str(), timestamp, nonce, encrypted];
        parts.sort_unstable();
        hex::encode(Sha1::digest(parts.concat()))
    }

    /// The initialisation vector, which is the first half of the key.
    fn vector(&self) -> [u8; 16] {
        let mut vector = [0; 16];
        for (to, from) in vector.iter_mut().zip(self.key) {
            *to = from;
        }
        vector
    }
}

/// Splits a decrypted text into the message and its owner.
fn unpacked(plain: &[u8]) -> Option<(&[u8], &[u8])> {
    let padding = usize::from(*plain.last()?);
    let end = plain.len().checked_sub(padding)?;
    let (content, pad) = plain.split_at_checked(end)?;
    let is_padding = pad.iter().all(|byte| usize::from(*byte) == padding);
    if !(1..=BLOCK).contains(&padding) || !is_padding {
        return None;
    }
    let length: [u8; 4] = content.get(RANDOM..HEAD)?.try_into().ok()?;
    let length = usize::try_from(u32::from_be_bytes(length)).ok()?;
    content.get(HEAD..)?.split_at_checked(length)
}

#[cfg(test)]
mod tests;
