//! How often memory had the answer.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::store::Store;

/// What was asked of one part of the memory.
#[derive(Default)]
pub struct Lookups {
    hits: AtomicU64,
    misses: AtomicU64,
}

impl Lookups {
    /// It had the answer.
    pub fn hit(&self) {
        self.hits.fetch_add(1, Ordering::Relaxed);
    }

    /// The database was asked.
    pub fn miss(&self) {
        self.misses.fetch_add(1, Ordering::Relaxed);
    }

    fn read(&self) -> (u64, u64) {
        let of = |count: &AtomicU64| count.load(Ordering::Relaxed);
        (of(&self.hits), of(&self.misses))
    }
}

impl Store {
    /// What was asked of the memory since the start, by its parts: answered, and not.
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
