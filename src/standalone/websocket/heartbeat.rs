//! Whether the other end of a WebSocket connection is still there.

use std::time::{Duration, Instant};

/// How often a ping is sent. Browsers answer pings by themselves.
pub const ASK_EVERY: Duration = Duration::from_secs(30);
/// How long the other end may be silent before it counts as gone. Two answers may be lost.
const LONGEST_SILENCE: Duration = Duration::from_secs(75);

/// When the other end last sent something.
pub struct Heartbeat {
    last_message: Instant,
}

impl Heartbeat {
    /// A connection that was opened at this moment.
    pub fn new(now: Instant) -> Self {
        Self { last_message: now }
    }

    /// The other end sent something.
    pub fn message_received(&mut self, now: Instant) {
        self.last_message = now;
    }

    /// Whether the other end counts as alive.
    pub fn is_alive(&self, now: Instant) -> bool {
        now.saturating_duration_since(self.last_message) <= LONGEST_SILENCE
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_answers_may_be_lost_and_no_more() {
        let start = Instant::now();
        let mut heartbeat = Heartbeat::new(start);
        assert!(heartbeat.is_alive(start + ASK_EVERY * 2));
        assert!(!heartbeat.is_alive(start + ASK_EVERY * 3));
        heartbeat.message_received(start + ASK_EVERY);
        assert!(heartbeat.is_alive(start + ASK_EVERY * 3));
    }
}
