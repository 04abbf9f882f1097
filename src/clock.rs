//! The current time, as a value that is passed in: tests move it instead of sleeping.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};

/// A clock. Clones share their setting.
#[derive(Clone, Debug)]
pub struct Clock {
    ahead_ms: Arc<AtomicI64>,
    /// Milliseconds since 1970 at which [`Clock::now`] stands still; zero while it runs.
    stopped_ms: Arc<AtomicI64>,
    began: Instant,
}

impl Clock {
    /// The time of the machine.
    pub fn system() -> Self {
        Self {
            ahead_ms: Arc::default(),
            stopped_ms: Arc::default(),
            began: Instant::now(),
        }
    }

    /// The current time, plus whatever [`Clock::advance`] has added.
    pub fn now(&self) -> DateTime<Utc> {
        #[expect(
            clippy::disallowed_methods,
            reason = "the one place that reads the machine's time"
        )]
        let now = match self.stopped_ms.load(Ordering::Relaxed) {
            0 => Utc::now(),
            stopped => DateTime::from_timestamp_millis(stopped).unwrap_or_default(),
        };
        now + TimeDelta::milliseconds(self.ahead_ms.load(Ordering::Relaxed))
    }

    /// How long this clock has been running, plus whatever [`Clock::advance`] has added. Unlike
    /// [`Clock::now`], it does not jump when somebody corrects the time of the machine.
    pub fn running(&self) -> Duration {
        let ahead = u64::try_from(self.ahead_ms.load(Ordering::Relaxed)).unwrap_or_default();
        self.began.elapsed() + Duration::from_millis(ahead)
    }

    /// Stops [`Clock::now`] of this clock and its clones, which [`Clock::advance`] still moves. What a
    /// test counts then does not depend on how long the machine takes.
    pub fn stop(&self) {
        let now = self.now() - TimeDelta::milliseconds(self.ahead_ms.load(Ordering::Relaxed));
        self.stopped_ms
            .store(now.timestamp_millis(), Ordering::Relaxed);
    }

    /// Moves this clock and its clones forward (or, when negative, back).
    pub fn advance(&self, by: TimeDelta) {
        self.ahead_ms
            .fetch_add(by.num_milliseconds(), Ordering::Relaxed);
    }
}
