//! Whether the other end of a connection is still there.

use std::time::{Duration, Instant};

/// How often the other end is asked. Browsers answer by themselves.
pub const ASK_EVERY: Duration = Duration::from_secs(30);
/// After how long a silence nobody is there. Two answers may be lost.
const LONGEST_SILENCE: Duration = Duration::from_secs(75);

/// The last sign of life.
pub struct Heartbeat {
    heard: Instant,
}

impl Heartbeat {
    /// Alive now.
    pub fn new(now: Instant) -> Self {
        Self { heard: now }
    }

    /// Something was heard.
    pub fn hear(&mut self, now: Instant) {
        self.heard = now;
    }

    /// Whether anybody is there.
    pub fn beats(&self, now: Instant) -> bool {
        now.saturating_duration_since(self.heard) <= LONGEST_SILENCE
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_answers_may_be_lost_and_no_more() {
        let start = Instant::now();
        let mut heartbeat = Heartbeat::new(start);
        assert!(heartbeat.beats(start + ASK_EVERY * 2));
        assert!(!heartbeat.beats(start + ASK_EVERY * 3));
        heartbeat.hear(start + ASK_EVERY);
        assert!(heartbeat.beats(start + ASK_EVERY * 3));
    }
}
