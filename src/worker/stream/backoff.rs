//! The pauses between attempts to connect.

use std::time::Duration;

/// The shortest pause after a failure; it doubles each time.
const FIRST: Duration = Duration::from_secs(1);
/// The longest pause after a failure that may pass by itself.
const LONGEST: Duration = Duration::from_mins(1);
/// The pause after a refusal that lasts until somebody corrects the settings. Saving them ends the
/// pause.
const REFUSED: Duration = Duration::from_mins(5);
/// After a connection that lasted this long, pauses begin anew.
const STABLE: Duration = Duration::from_mins(1);

/// The number of attempts that have failed in a row, and the pause that follows from it.
#[derive(Debug, Default)]
pub struct Backoff {
    failures: u32,
}

impl Backoff {
    /// The pause after an attempt that failed. It is random within limits, so that many servers do not
    /// connect at the same moment.
    pub fn failed(&mut self) -> Duration {
        let pause = FIRST * 2_u32.pow(self.failures.min(6));
        self.failures = self.failures.saturating_add(1);
        varied(pause.min(LONGEST))
    }

    /// The pause after a refusal.
    pub fn refused(&mut self) -> Duration {
        self.failures = 0;
        varied(REFUSED)
    }

    /// The pause after a connection that the provider has asked to be replaced. There is none, unless
    /// the provider asks again and again.
    pub fn replaced(&mut self, lasted: Duration) -> Duration {
        self.ended(lasted);
        if self.failures == 0 {
            self.failures = 1;
            return Duration::ZERO;
        }
        self.failed()
    }

    /// Records that a connection has ended.
    pub fn ended(&mut self, lasted: Duration) {
        if lasted >= STABLE {
            self.failures = 0;
        }
    }
}

fn varied(pause: Duration) -> Duration {
    pause.mul_f64(rand::random_range(0.5..1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_a_minute_and_begin_anew_after_a_good_connection() {
        let mut backoff = Backoff::default();
        let mut longest = FIRST;
        for _ in 0..10 {
            let pause = backoff.failed();
            assert!(
                pause >= longest / 2 && pause <= longest,
                "{pause:?} {longest:?}"
            );
            longest = (longest * 2).min(LONGEST);
        }
        backoff.ended(Duration::from_secs(2));
        assert!(backoff.failed() >= LONGEST / 2);
        backoff.ended(STABLE);
        assert!(backoff.failed() <= FIRST);
        assert!(backoff.refused() > LONGEST);
    }

    #[test]
    fn a_connection_is_replaced_at_once_unless_that_happens_all_the_time() {
        let mut backoff = Backoff::default();
        assert_eq!(backoff.replaced(Duration::from_secs(1)), Duration::ZERO);
        assert!(backoff.replaced(Duration::from_secs(1)) >= FIRST / 2);
        assert_eq!(backoff.replaced(STABLE), Duration::ZERO);
        assert!(!backoff.replaced(Duration::ZERO).is_zero());
    }
}
