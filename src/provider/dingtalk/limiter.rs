//! The limit of calls that an application makes in a second. DingTalk accepts twenty for each
//! interface.
//!
//! Calls of sign-ins never wait here. They are only counted, and the reading of the directory slows
//! down instead.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// The number of calls in a second, and at once after a pause. A quarter of DingTalk's limit is
/// left for other programs.
const CALLS: u32 = 15;
/// The time between two calls.
const INTERVAL: Duration = Duration::from_nanos(1_000_000_000 / CALLS as u64);

/// Counts calls for each application.
#[derive(Clone, Default)]
pub struct Limiter {
    /// For each application, the moment until which its calls use up the limit.
    paid: Arc<Mutex<HashMap<String, Instant>>>,
}

impl Limiter {
    /// Counts a call that does not wait.
    pub fn count(&self, application: &str) {
        self.spend(application, Instant::now());
    }

    /// Waits until there is room for a call, and counts it.
    pub async fn turn(&self, application: &str) {
        let now = Instant::now();
        let begins = self.spend(application, now);
        tokio::time::sleep_until(begins).await;
    }

    /// Counts one call, and returns when it may begin.
    fn spend(&self, application: &str, now: Instant) -> Instant {
        let mut paid = self.lock();
        // Applications without recent calls can be dropped.
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
