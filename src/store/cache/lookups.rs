//! Counts of cache hits and misses.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::store::Store;

/// Hits and misses of one cache.
#[derive(Default)]
pub struct Lookups {
    hits: AtomicU64,
    misses: AtomicU64,
}

impl Lookups {
    /// Counts an answer from memory.
    pub fn hit(&self) {
        self.hits.fetch_add(1, Ordering::Relaxed);
    }

    /// Counts a question to the database.
    pub fn miss(&self) {
        self.misses.fetch_add(1, Ordering::Relaxed);
    }

    fn read(&self) -> (u64, u64) {
        let of = |count: &AtomicU64| count.load(Ordering::Relaxed);
        (of(&self.hits), of(&self.misses))
    }
}

impl Store {
    /// Hits and misses of all caches since the start, by their names.
    pub fn lookups(&self) -> Vec<(&'static str, u64, u64)> {
        let caches = self.caches();
        let parts = [
            ("settings", &caches.settings_lookups),
            ("accounts", &caches.account_lookups),
            ("revocations", &caches.revocation_lookups),
        ];
        let read = |(name, lookups): (&'static str, &Lookups)| {
            let (hits, misses) = lookups.read();
            (name, hits, misses)
        };
        parts.into_iter().map(read).collect()
    }
}
