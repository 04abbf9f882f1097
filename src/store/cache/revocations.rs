//! The cache of tokens that have not been revoked.

use moka::sync::Cache;

use super::generation::Stamp;
use super::partitions::Partitions;
use crate::store::{Result, Store};

/// How many tokens are kept. A token without a `jti` is kept whole, with some hundred bytes.
const MOST: u64 = 10_000;

/// The tokens, by `jti` or whole, that had not been revoked when the database was asked. Revoked
/// tokens are not kept, because they are rare.
pub struct Revocations(Cache<Box<str>, Stamp>);

impl Revocations {
    /// An empty cache.
    pub fn new() -> Self {
        Self(Cache::new(MOST))
    }
}

impl Store {
    /// Whether a token, given by its `jti` or whole, was revoked; from memory if nothing has
    /// changed. Call it only for tokens with a valid signature, because tokens that anybody can
    /// make up must not fill the memory.
    pub async fn is_revoked(&self, token: &str) -> Result<bool> {
        let caches = self.caches();
        let Revocations(kept) = &caches.revocations;
        if let Some(stamp) = kept.get(token)
            && caches.generations.is_current(&stamp)
            && self.keeps_people()
        {
            caches.revocation_lookups.hit();
            return Ok(false);
        }
        caches.revocation_lookups.miss();
        let stamp = caches.generations.stamp(Partitions::revocation(token));
        let revoked = self.is_blacklisted(token).await?;
        if !revoked {
            kept.insert(token.into(), stamp);
        }
        Ok(revoked)
    }
}
