//! The limits of calls that an application makes in a second, and of people whom it sends messages to in a
//! minute. DingTalk accepts twenty calls of each interface in a second, and five thousand receivers in a minute.
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

/// Receivers in a minute, and at once after a pause. A tenth is left for what other programs do.
const RECEIVERS: u32 = 4500;
/// Time between two receivers.
const RECEIVER_INTERVAL: Duration = Duration::from_nanos(60_000_000_000 / RECEIVERS as u64);

/// Counts calls, and receivers of messages, by application.
#[derive(Clone, Default)]
pub struct Limiter {
    calls: Budget<CALLS>,
    /// Questions what became of messages. DingTalk counts each interface by itself, and there is such a question for each
    /// call that sends: in one budget they would halve the speed of sending.
    results: Budget<CALLS>,
    receivers: Budget<RECEIVERS>,
}

/// So many at once after a pause, and from then on one after each interval.
#[derive(Clone, Default)]
struct Budget<const BURST: u32> {
    /// For each application, the moment until which what it spent uses up the limit.
    paid: Arc<Mutex<HashMap<String, Instant>>>,
}

impl Limiter {
    /// Counts a call that does not wait.
    pub fn count(&self, application: &str) {
        self.calls.spend(application, 1, INTERVAL, Instant::now());
    }

    /// Waits until there is room for so many receivers.
    pub async fn room_for(&self, application: &str, receivers: usize) {
        let count = u32::try_from(receivers).unwrap_or(u32::MAX);
        let now = Instant::now();
        let spent = self
            .receivers
            .spend(application, count, RECEIVER_INTERVAL, now);
        tokio::time::sleep_until(spent).await;
    }

    /// Waits until there is room for a call, and counts it.
    pub async fn turn(&self, application: &str) {
        let now = Instant::now();
        let begins = self.calls.spend(application, 1, INTERVAL, now);
        tokio::time::sleep_until(begins).await;
    }

    /// The same for a question what became of a message.
    pub async fn turn_of_result(&self, application: &str) {
        let now = Instant::now();
        let begins = self.results.spend(application, 1, INTERVAL, now);
        tokio::time::sleep_until(begins).await;
    }
}

impl<const BURST: u32> Budget<BURST> {
    /// Spends so many. Gives when the last of them may begin.
    fn spend(&self, application: &str, count: u32, interval: Duration, now: Instant) -> Instant {
        let mut paid = self.lock();
        // Applications without recent calls can be dropped.
        if paid.len() > 1000 {
            paid.retain(|_, until| *until > now);
        }
        let until = paid.entry(application.to_owned()).or_insert(now);
        *until = (*until).max(now) + interval.saturating_mul(count);
        let burst = interval.saturating_mul(BURST);
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
        let spend = |application, at| limiter.calls.spend(application, 1, INTERVAL, at);
        for _ in 0..CALLS {
            assert_eq!(spend("a", now), now);
        }
        let mut begins = now;
        for _ in 0..CALLS {
            let next = spend("a", now);
            assert!(next > begins);
            begins = next;
        }
        let waited = begins - now;
        assert!(waited > Duration::from_millis(990), "{waited:?}");
        assert!(waited < Duration::from_millis(1010), "{waited:?}");
        assert_eq!(spend("b", now), now);
        // After a pause there is room again.
        let later = now + Duration::from_secs(3);
        assert_eq!(spend("a", later), later);
    }

    #[test]
    fn receivers_of_a_minute_are_as_many_as_may_be() {
        let limiter = Limiter::default();
        let now = Instant::now();
        let spend = |count| limiter.receivers.spend("a", count, RECEIVER_INTERVAL, now);
        assert_eq!(spend(RECEIVERS), now);
        let waited = spend(RECEIVERS) - now;
        assert!(waited > Duration::from_millis(59_900), "{waited:?}");
        assert!(waited < Duration::from_millis(60_100), "{waited:?}");
    }

    #[tokio::test]
    async fn questions_about_messages_leave_room_for_messages() {
        let limiter = Limiter::default();
        for _ in 0..CALLS {
            limiter.turn_of_result("a").await;
        }
        let now = Instant::now();
        assert_eq!(limiter.calls.spend("a", 1, INTERVAL, now), now);
        let next = std::pin::pin!(limiter.turn_of_result("a"));
        assert!(futures_util::poll!(next).is_pending());
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
