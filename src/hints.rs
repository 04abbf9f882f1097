//! What the operator has to set, said in the log now and then: visitors bring it up with each request.

use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, Utc};

/// Seconds between two lines that say the same.
const PAUSE: i64 = 60;

/// The lines that are written at most once a minute.
#[derive(Debug, Default)]
pub struct Hints {
    /// A proxy takes the public path away.
    pub path_is_lost: Hint,
    /// A page that may be ours is refused as that of another site.
    pub cross_origin_page: Hint,
    /// Somebody who may be a proxy has one budget for everybody behind it.
    pub one_address: Hint,
    /// What somebody sends could be read in two ways.
    pub unclear: Hint,
    /// What is sent to NocoBase comes back.
    pub loops: Hint,
}

/// One of them.
#[derive(Debug)]
pub struct Hint(AtomicI64);

impl Default for Hint {
    fn default() -> Self {
        Self(AtomicI64::new(i64::MIN))
    }
}

impl Hint {
    /// Whether it is time for the line, which counts as written then.
    pub fn is_due(&self, now: DateTime<Utc>) -> bool {
        let now = now.timestamp();
        let last = self.0.load(Ordering::Relaxed);
        // Of those who find the same, one writes.
        last.saturating_add(PAUSE) <= now
            && self
                .0
                .compare_exchange(last, now, Ordering::Relaxed, Ordering::Relaxed)
                .is_ok()
    }
}
