//! The current time, as a value that is passed in: tests move it instead of sleeping.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};

/// A clock. Clones share their setting.
#[derive(Clone, Debug)]
pub struct Clock {
    ahead_ms: Arc<AtomicI64>,
    began: Instant,
}

impl Clock {
    /// The time of the machine.
    pub fn system() -> Self {
        Self {
            ahead_ms: Arc::default(),
            began: Instant::now(),
        }
    }

    /// The current time, plus whatever [`Clock::advance`] has added.
    pub fn now(&self) -> DateTime<Utc> {
        #[expect(
            clippy::disallowed_methods,
            reason = "the one place that reads the machine's time"
        )]
        let now = Utc::now();
        now + TimeDelta::milliseconds(self.ahead_ms.load(Ordering::Relaxed))
    }

    /// How long this clock has been running, plus whatever [`Clock::advance`] has added. Unlike
    /// [`Clock::now`], it does not jump when somebody corrects the time of the machine.
    pub fn running(&self) -> Duration {
        let ahead = u64::try_from(self.ahead_ms.load(Ordering::Relaxed)).unwrap_or_default();
        self.began.elapsed() + Duration::from_millis(ahead)
    }

    /// Moves this clock and its clones forward (or, when negative, back).
    pub fn advance(&self, by: TimeDelta) {
        self.ahead_ms
            .fetch_add(by.num_milliseconds(), Ordering::Relaxed);
    }
}
