//! A circuit breaker, which spares a host that does not answer and the callers that would wait for
//! it.
//!
//! Without it, each sign-in would hold its connection for the whole time limit of a call while
//! DingTalk is away, and a thousand of them would pile up.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::timeout;

use super::error::DingTalkError;

/// How many calls to one host may run at once. DingTalk accepts 20 calls a second from one
/// application.
const IN_FLIGHT: usize = 64;
/// How long a call waits until others have ended.
const TURN: Duration = Duration::from_secs(2);
/// After how many calls in a row without an answer a host counts as away.
const FAILURES: u32 = 5;
/// How long a host that is away is not called, before one call tries it.
const PAUSE: Duration = Duration::from_secs(5);

/// The breaker of one host.
pub struct Breaker {
    turns: Semaphore,
    health: Mutex<Health>,
}

/// Permission to make one call. Report the outcome with `answered` or `failed`; dropping it counts
/// as neither.
#[must_use = "the outcome of the call must be told"]
pub struct Permit<'a> {
    breaker: &'a Breaker,
    kind: CallPurpose,
    _turn: SemaphorePermit<'a>,
}

/// What a call is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum CallPurpose {
    Usual,
    /// Trying whether the host is back.
    Try,
}

#[derive(Clone, Copy, Debug)]
enum Health {
    /// The host answers, apart from this many calls in a row.
    Answering { failures: u32 },
    /// The host does not answer, and is not called until this moment.
    Away { until: Instant },
    /// One call tries whether the host is back.
    Trying,
}

impl Breaker {
    /// A breaker for a host of which nothing is known.
    pub fn new() -> Self {
        Self {
            turns: Semaphore::new(IN_FLIGHT),
            health: Mutex::new(Health::Answering { failures: 0 }),
        }
    }

    /// Asks for permission to call the host. Fails at once when the host is away, and after a while
    /// when too many other calls are running.
    pub async fn permit(&self) -> Result<Permit<'_>, DingTalkError> {
        if !self.health().admits(Instant::now()) {
            return Err(away());
        }
        let Ok(Ok(turn)) = timeout(TURN, self.turns.acquire()).await else {
            return Err(DingTalkError::Unreachable(
                "too many calls wait for it".into(),
            ));
        };
        // The host may have gone away while this call waited.
        let kind = self.health().begin(Instant::now()).ok_or_else(away)?;
        Ok(Permit {
            breaker: self,
            kind,
            _turn: turn,
        })
    }

    /// The state in the usual terms: `closed` when the host is called, `open` when it is not,
    /// `half_open` while one call tries it.
    pub fn state(&self) -> &'static str {
        match *self.health() {
            Health::Answering { .. } => "closed",
            Health::Away { .. } => "open",
            Health::Trying => "half_open",
        }
    }

    fn health(&self) -> MutexGuard<'_, Health> {
        // A poisoned lock is harmless, because every change of the state is a single assignment.
        self.health.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Permit<'_> {
    /// The host answered, whatever it said.
    pub fn answered(mut self) {
        self.kind = CallPurpose::Usual;
        *self.breaker.health() = Health::Answering { failures: 0 };
    }

    /// The host did not answer.
    pub fn failed(mut self) {
        let kind = std::mem::replace(&mut self.kind, CallPurpose::Usual);
        self.breaker.health().failed(kind, Instant::now());
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        if self.kind == CallPurpose::Try {
            // The call was cancelled, so the next one may try.
            *self.breaker.health() = Health::Away {
                until: Instant::now(),
            };
        }
    }
}

impl Health {
    /// Whether a call may begin.
    fn admits(self, now: Instant) -> bool {
        match self {
            Self::Answering { .. } => true,
            Self::Away { until } => now >= until,
            Self::Trying => false,
        }
    }

    /// A call begins, if it may.
    fn begin(&mut self, now: Instant) -> Option<CallPurpose> {
        if !self.admits(now) {
            return None;
        }
        if let Self::Answering { .. } = self {
            return Some(CallPurpose::Usual);
        }
        *self = Self::Trying;
        Some(CallPurpose::Try)
    }

    /// Notes that a call got no answer.
    fn failed(&mut self, kind: CallPurpose, now: Instant) {
        let failures = match (*self, kind) {
            (Self::Answering { failures }, _) => failures + 1,
            (_, CallPurpose::Try) => FAILURES,
            // The call began before the host was found to be away, so it says nothing new.
            (Self::Away { .. } | Self::Trying, CallPurpose::Usual) => return,
        };
        if failures < FAILURES {
            *self = Self::Answering { failures };
            return;
        }
        log::warn!("DingTalk does not answer; it is left alone for {PAUSE:?}");
        *self = Self::Away { until: now + PAUSE };
    }
}

fn away() -> DingTalkError {
    DingTalkError::Unreachable("it did not answer a moment ago".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANSWERING: Health = Health::Answering { failures: 0 };

    fn fail(health: &mut Health, times: u32, now: Instant) {
        for _ in 0..times {
            let kind = health.begin(now).expect("it is not given up yet");
            health.failed(kind, now);
        }
    }

    #[test]
    fn a_host_that_does_not_answer_is_left_alone_and_tried_by_one() {
        let mut now = Instant::now();
        let mut health = ANSWERING;
        fail(&mut health, FAILURES, now);
        assert_eq!(health.begin(now), None);

        now += PAUSE;
        assert_eq!(health.begin(now), Some(CallPurpose::Try));
        assert_eq!(health.begin(now), None, "a second try");
        health.failed(CallPurpose::Try, now);
        assert_eq!(health.begin(now), None, "right after a try that failed");
    }

    #[test]
    fn what_began_before_does_not_lengthen_the_pause() {
        let now = Instant::now();
        let mut health = ANSWERING;
        fail(&mut health, FAILURES, now);
        health.failed(CallPurpose::Usual, now + PAUSE / 2);
        assert_eq!(health.begin(now + PAUSE), Some(CallPurpose::Try));
    }

    #[tokio::test]
    async fn single_failures_do_not_add_up() {
        let breaker = Breaker::new();
        for _ in 0..FAILURES {
            breaker.permit().await.unwrap().failed();
            breaker.permit().await.unwrap().answered();
        }
        assert!(breaker.permit().await.is_ok());
    }

    #[tokio::test]
    async fn a_try_that_was_given_up_leaves_room_for_the_next() {
        let breaker = Breaker::new();
        *breaker.health() = Health::Away {
            until: Instant::now(),
        };
        drop(breaker.permit().await.unwrap());
        breaker.permit().await.unwrap().answered();
        assert!(breaker.permit().await.is_ok());
    }

    #[tokio::test]
    async fn one_call_more_than_there_are_turns_waits() {
        let breaker = Breaker::new();
        let mut calls = Vec::new();
        for _ in 0..IN_FLIGHT {
            calls.push(breaker.permit().await.unwrap());
        }
        let next = breaker.permit();
        tokio::pin!(next);
        assert!(futures_util::poll!(&mut next).is_pending());
        calls.pop();
        assert!(next.await.is_ok());
    }
}
