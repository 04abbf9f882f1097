//! Hints for the operator about settings. They are written to the log rarely, because every
//! visitor's request could cause them.

use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, Utc};

/// How many seconds must pass between two lines with the same hint.
const PAUSE: i64 = 60;

/// The hints, each of which is written at most once a minute.
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
