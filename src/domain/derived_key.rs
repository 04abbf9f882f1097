//! Keys for single purposes, derived from the secret that signs tokens.

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

/// A key that reveals nothing about the secret, or about the key of another purpose.
pub struct DerivedKey([u8; 32]);

impl DerivedKey {
    /// The key for this purpose.
    pub fn new(purpose: &[u8], secret: &[u8]) -> Self {
        let digest = Sha256::new().chain_update(purpose).chain_update(secret);
        Self(digest.finalize().into())
    }

    /// The bytes of the key.
    pub fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The HMAC of these bytes, to which more can be added.
    pub fn mac(&self, text: impl AsRef<[u8]>) -> Hmac<Sha256> {
        #[expect(clippy::expect_used, reason = "HMAC takes a key of any length")]
        let mac = <Hmac<Sha256> as KeyInit>::new_from_slice(&self.0).expect("a key");
        mac.chain_update(text)
    }
}
