//! Tokens that were not signed out.

use moka::sync::Cache;

use super::generation::Stamp;
use super::partitions::Partitions;
use crate::store::{Result, Store};

/// How many are kept; a token without a name is kept whole, some hundred bytes.
const MOST: u64 = 10_000;

/// The tokens, by name or whole, that had not been signed out when somebody looked. Those that had
/// are not kept: they come rarely.
pub struct Revocations(Cache<Box<str>, Stamp>);

impl Revocations {
    /// None yet.
    pub fn new() -> Self {
        Self(Cache::new(MOST))
    }
}

impl Store {
    /// Whether a token, by its `jti` or whole, was signed out; from memory when nothing changed.
    /// Only for tokens that are signed: what anybody can make up must not fill the memory.
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
