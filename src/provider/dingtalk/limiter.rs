//! How many calls an application makes in a second. DingTalk takes twenty of each interface.
//!
//! Who waits for a sign-in is never kept waiting here: their calls are counted, and whoever reads the
//! directory makes room.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// Calls in a second, and at once after a pause. A quarter is left for what other programs do.
const CALLS: u32 = 15;
/// Time between two calls.
const INTERVAL: Duration = Duration::from_nanos(1_000_000_000 / CALLS as u64);

/// Counts calls by application.
#[derive(Clone, Default)]
pub struct Limiter {
    /// When all calls so far are paid for.
    paid: Arc<Mutex<HashMap<String, Instant>>>,
}

impl Limiter {
    /// Counts a call that does not wait.
    pub fn count(&self, application: &str) {
        self.spend(application, Instant::now());
    }

    /// Counts a call when there is room for it.
    pub async fn turn(&self, application: &str) {
        let now = Instant::now();
        let begins = self.spend(application, now);
        tokio::time::sleep_until(begins).await;
    }

    /// Spends one call. Gives when it may begin.
    fn spend(&self, application: &str, now: Instant) -> Instant {
        let mut paid = self.lock();
        // Applications that are at rest are as good as new ones.
        if paid.len() > 1000 {
            paid.retain(|_, until| *until > now);
        }
        let until = paid.entry(application.to_owned()).or_insert(now);
        *until = (*until).max(now) + INTERVAL;
        let burst = INTERVAL * CALLS;
        until
            .checked_sub(burst)
            .map_or(now, |begins| begins.max(now))
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Instant>> {
        self.paid.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_of_one_application_are_spread_over_time() {
        let limiter = Limiter::default();
        let now = Instant::now();
        for _ in 0..CALLS {
            assert_eq!(limiter.spend("a", now), now);
        }
        let mut begins = now;
        for _ in 0..CALLS {
            let next = limiter.spend("a", now);
            assert!(next > begins);
            begins = next;
        }
        let waited = begins - now;
        assert!(waited > Duration::from_millis(990), "{waited:?}");
        assert!(waited < Duration::from_millis(1010), "{waited:?}");
        assert_eq!(limiter.spend("b", now), now);
        // After a pause there is room again.
        let later = now + Duration::from_secs(3);
        assert_eq!(limiter.spend("a", later), later);
    }

    #[tokio::test]
    async fn the_directory_makes_room_for_sign_ins() {
        let limiter = Limiter::default();
        for _ in 0..CALLS {
            limiter.count("a");
        }
        let turn = limiter.turn("a");
        tokio::pin!(turn);
        assert!(futures_util::poll!(&mut turn).is_pending());
    }
}
