//! Hints for the operator about settings. They are written to the log rarely, because every
//! visitor's request, or every look of a worker, could cause them.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, Utc};

/// How many seconds must pass between two lines with the same hint.
const PAUSE: i64 = 60;

/// The hints. Those that requests cause are written at most once a minute each.
#[derive(Debug, Default)]
pub struct Hints {
    /// A proxy removes the public path.
    pub path_is_lost: Hint,
    /// A page was refused as one of another site, and may be this server's own.
    pub cross_origin_page: Hint,
    /// A client that may be a proxy has one budget for everybody behind it.
    pub one_address: Hint,
    /// A request could be read in two ways.
    pub unclear: Hint,
    /// Requests to NocoBase come back to the gateway.
    pub loops: Hint,
    /// The options of a directory's source cannot be read, so it never runs by its schedule.
    pub unreadable_sources: HintOfEach,
}

/// The state of one hint.
#[derive(Debug)]
pub struct Hint(AtomicI64);

impl Default for Hint {
    fn default() -> Self {
        Self(AtomicI64::new(i64::MIN))
    }
}

impl Hint {
    /// Whether the hint should be written now. It then counts as written.
    pub fn is_due(&self, now: DateTime<Utc>) -> bool {
        let now = now.timestamp();
        let last = self.0.load(Ordering::Relaxed);
        // When several threads get here at once, only one writes.
        last.saturating_add(PAUSE) <= now
            && self
                .0
                .compare_exchange(last, now, Ordering::Relaxed, Ordering::Relaxed)
                .is_ok()
    }
}

/// A hint about several things, such as rows. It is written once about each, and again only when
/// the content of that thing has changed.
#[derive(Debug, Default)]
pub struct HintOfEach {
    /// A digest of the content about which the hint was written last, by the id of the thing.
    written: Mutex<HashMap<i64, u64>>,
}

impl HintOfEach {
    /// Whether the hint about this thing should be written now. It then counts as written.
    pub fn is_due(&self, id: i64, content: &str) -> bool {
        let mut hasher = DefaultHasher::new();
        content.hash(&mut hasher);
        let digest = hasher.finish();
        let mut written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        written.insert(id, digest) != Some(digest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hint_of_each_is_due_once_for_each_content() {
        let hint = HintOfEach::default();
        assert!(hint.is_due(1, "a"));
        assert!(!hint.is_due(1, "a"));
        assert!(hint.is_due(2, "a"), "another one");
        assert!(hint.is_due(1, "b"), "it has changed");
        assert!(!hint.is_due(1, "b"));
    }
}
