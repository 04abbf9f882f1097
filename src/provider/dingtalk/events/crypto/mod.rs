//! The cryptography of callbacks (DingTalk's page "Callback event message body encryption and decryption"):
//! a SHA-1 over the sorted parts as signature, and AES-256-CBC with PKCS#7 to blocks of 32 bytes.

use aes::Aes256;
use aes::cipher::block_padding::NoPadding;
use aes::cipher::{BlockDecryptMut, BlockEncryptMut, KeyIvInit};
use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{GeneralPurpose, GeneralPurposeConfig};
use sha1::{Digest, Sha1};
use subtle::ConstantTimeEq;

use crate::domain::events::{CallbackRefusal, CallbackSecrets};

/// Messages are padded to multiples of so many bytes.
const BLOCK: usize = 32;
/// Random bytes, then four bytes of length.
const RANDOM: usize = 16;
const HEAD: usize = RANDOM + 4;
/// Characters of a key.
const KEY: usize = 43;
/// Fewest and most characters of a token.
const TOKEN: std::ops::RangeInclusive<usize> = 3..=64;

/// The last of the 43 characters of a key carries two bits that mean nothing and need not be zero.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true),
);

/// What both sides know.
pub struct CallbackKeys {
    token: String,
    key: [u8; 32],
}

impl CallbackKeys {
    /// Decodes the key from its 43 characters. None when token or key do not have DingTalk's form.
    pub fn new(secrets: CallbackSecrets<'_>) -> Option<Self> {
        let (token, key) = (secrets.token, secrets.key);
        let is_plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if !TOKEN.contains(&token.len()) || !is_plain(token) {
            return None;
        }
        if key.len() != KEY || !is_plain(key) {
            return None;
        }
        let key = BASE64.decode(format!("{key}=")).ok()?;
        Some(Self {
            token: token.to_owned(),
            key: key.try_into().ok()?,
        })
    }

    /// The signature of a message, in small hexadecimal digits.
    pub fn sign(&self, timestamp: &str, nonce: &str, encrypted: &str) -> String {
        let mut parts = [self.token.as_str(), timestamp, nonce, encrypted];
        parts.sort_unstable();
        hex::encode(Sha1::digest(parts.concat()))
    }

    /// Whether a message has this signature. How long that takes tells nothing.
    pub fn is_signed(
        &self,
        signature: &str,
        timestamp: &str,
        nonce: &str,
        encrypted: &str,
    ) -> bool {
        let expected = self.sign(timestamp, nonce, encrypted);
        bool::from(expected.as_bytes().ct_eq(signature.as_bytes()))
    }

    /// Message and owner of an encrypted text. Some of DingTalk's own examples break it into lines.
    pub fn decrypt(&self, encrypted: &str) -> Result<(String, String), CallbackRefusal> {
        let refused = CallbackRefusal::Unreadable;
        let encrypted: String = encrypted.split_ascii_whitespace().collect();
        let encrypted = BASE64.decode(encrypted).map_err(|_| refused)?;
        let cipher = cbc::Decryptor::<Aes256>::new(&self.key.into(), &self.vector().into());
        let plain = cipher.decrypt_padded_vec_mut::<NoPadding>(&encrypted);
        let plain = plain.map_err(|_| refused)?;
        let (message, owner) = unpacked(&plain).ok_or(refused)?;
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).map_err(|_| refused);
        Ok((text(message)?, text(owner)?))
    }

    /// Encrypts a message for its owner, with 16 random bytes before it.
    pub fn encrypt(&self, message: &str, owner: &str, random: [u8; RANDOM]) -> String {
        let length = u32::try_from(message.len()).unwrap_or(u32::MAX);
        let mut plain = [
            &random[..],
            &length.to_be_bytes(),
            message.as_bytes(),
            owner.as_bytes(),
        ]
        .concat();
        let padding = BLOCK - plain.len() % BLOCK;
        let byte = u8::try_from(padding).unwrap_or_default();
        plain.resize(plain.len() + padding, byte);
        let cipher = cbc::Encryptor::<Aes256>::new(&self.key.into(), &self.vector().into());
        BASE64.encode(cipher.encrypt_padded_vec_mut::<NoPadding>(&plain))
    }

    /// The first half of the key.
    fn vector(&self) -> [u8; 16] {
        let mut vector = [0; 16];
        for (to, from) in vector.iter_mut().zip(self.key) {
            *to = from;
        }
        vector
    }
}

/// Message and owner of what was decrypted. Padding may have any length that a block of 32 bytes has: DingTalk's
/// own libraries differ in it.
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
