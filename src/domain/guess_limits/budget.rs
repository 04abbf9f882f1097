//! A kind of budget: for each key, a number of attempts at once, then one after each period.

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use governor::clock::Clock as _;
use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;
use governor::state::StateStore;
use governor::{Quota, RateLimiter};

use super::TooManyAttempts;
use crate::clock::Clock;

/// A budget for each key.
pub struct Budget {
    limiter: RateLimiter<u64, Spent, Time, NoOpMiddleware<Duration>>,
    spent: Spent,
    time: Time,
    every: Duration,
}

impl Budget {
    /// A budget of `burst` attempts at once, and one more after each `every`.
    pub fn new(clock: &Clock, burst: u32, every: Duration) -> Self {
        let time = Time::new(clock);
        let burst = NonZeroU32::new(burst).unwrap_or(NonZeroU32::MIN);
        // A period of zero would mean no limit.
        let quota = Quota::with_period(every).unwrap_or(Quota::per_second(NonZeroU32::MIN));
        let spent = Spent::default();
        Self {
            limiter: RateLimiter::new(quota.allow_burst(burst), spent.clone(), time.clone()),
            spent,
            time,
            every,
        }
    }

    /// Spends one attempt, if one is left.
    pub fn spend(&self, key: u64) -> Result<(), TooManyAttempts> {
        self.spent.forget_full(self.time.now());
        self.limiter
            .check_key(&key)
            .map_err(|refused| TooManyAttempts {
                wait: refused.wait_time_from(self.time.now()),
            })
    }

    /// Returns one attempt.
    pub fn refund(&self, key: u64) {
        self.spent.refund(key, self.every);
    }

    /// How many keys are remembered.
    #[cfg(test)]
    pub fn len(&self) -> usize {
        self.spent.lock().full_at.len()
    }
}

/// What each key has spent. governor's own stores cannot return anything.
#[derive(Clone, Default)]
struct Spent(Arc<Mutex<Keys>>);

#[derive(Default)]
struct Keys {
    /// For each key, when its budget is full again, counted from the start.
    full_at: HashMap<u64, Nanos>,
    /// How many keys there may be before those with full budgets are removed.
    room: usize,
}

/// With fewer keys than this, none are removed.
const LEAST_ROOM: usize = 1000;

impl Spent {
    fn lock(&self) -> MutexGuard<'_, Keys> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn refund(&self, key: u64, every: Duration) {
        if let Some(full_at) = self.lock().full_at.get_mut(&key) {
            let earlier = full_at.as_u64().saturating_sub(Nanos::from(every).as_u64());
            *full_at = Nanos::new(earlier);
        }
    }

    /// Removes keys whose budget is full. All keys are examined only when their number has doubled,
    /// so that a flood does not make each request slow; afterwards, only keys of about the last
    /// minute are left.
    fn forget_full(&self, now: Duration) {
        let mut keys = self.lock();
        if keys.full_at.len() < keys.room.max(LEAST_ROOM) {
            return;
        }
        keys.full_at
            .retain(|_, full_at| *full_at > Nanos::from(now));
        keys.room = keys.full_at.len() * 2;
    }
}

impl StateStore for Spent {
    type Key = u64;

    fn measure_and_replace<T, F, E>(&self, key: &u64, f: F) -> Result<T, E>
    where
        F: Fn(Option<Nanos>) -> Result<(T, Nanos), E>,
    {
        let mut keys = self.lock();
        let (outcome, full_at) = f(keys.full_at.get(key).copied())?;
        keys.full_at.insert(*key, full_at);
        Ok(outcome)
    }
}

/// The clock for governor: the time since the start.
#[derive(Clone)]
struct Time {
    clock: Clock,
    start: DateTime<Utc>,
}

impl Time {
    fn new(clock: &Clock) -> Self {
        Self {
            clock: clock.clone(),
            start: clock.now(),
        }
    }
}

impl governor::clock::Clock for Time {
    type Instant = Duration;

    fn now(&self) -> Duration {
        let since = self.clock.now() - self.start;
        // The clock of a machine can be set back.
        since.to_std().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use std::ops::Range;

    use chrono::TimeDelta;

    use super::*;

    /// A budget of one attempt in an hour, of which these keys have spent theirs.
    fn spent(clock: &Clock, keys: Range<u64>) -> Budget {
        let budget = Budget::new(clock, 1, Duration::from_hours(1));
        spend(&budget, keys);
        budget
    }

    fn spend(budget: &Budget, keys: Range<u64>) {
        for key in keys {
            budget.spend(key).unwrap();
        }
    }

    #[test]
    fn keys_are_forgotten_when_they_are_a_thousand_and_only_those_that_are_full_again() {
        let clock = Clock::system();
        let budget = spent(&clock, 0..999);
        clock.advance(TimeDelta::hours(3));
        spend(&budget, 999..1000);
        assert_eq!(budget.len(), 1000);
        spend(&budget, 1000..1001);
        assert_eq!(budget.len(), 2);
        assert!(budget.spend(999).is_err(), "its hour is not over");
    }

    #[test]
    fn a_flood_is_looked_through_again_when_it_has_doubled() {
        let clock = Clock::system();
        let budget = spent(&clock, 0..1500);
        assert_eq!(budget.len(), 1500, "nobody has an attempt again");
        clock.advance(TimeDelta::hours(3));
        spend(&budget, 1500..2000);
        assert_eq!(budget.len(), 2000);
        spend(&budget, 2000..2001);
        assert_eq!(budget.len(), 501);
    }
}
