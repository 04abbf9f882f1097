//! Random failures.

use std::time::Duration;

use crate::state::{
    chance::Chance,
    endpoint::{Endpoint, Family},
    fault::{FaultKind, Strike},
};

/// Random failures: each call except the login page fails with this probability.
pub struct BadDay {
    /// The probability, from 0 to 1.
    pub probability: f64,
    /// The kinds of failures, which are equally likely.
    pub kinds: Vec<FaultKind>,
    /// The length of the pause, for kinds that have one.
    pub delay: Duration,
    /// The random numbers. Which calls fail, and how, follows from the seed and the order of calls.
    pub chance: Chance,
}

impl BadDay {
    /// The failure of the current call, if it fails.
    pub fn strike(&mut self, endpoint: Endpoint) -> Option<Strike> {
        if endpoint.family() == Family::Page {
            return None;
        }
        // Both numbers are drawn for each call, so that the following calls do not depend on this
        // one's result.
        let strikes = self.chance.draw();
        let which = self.chance.below(self.kinds.len());
        if strikes >= self.probability {
            return None;
        }
        Some(Strike {
            endpoint,
            kind: *self.kinds.get(which)?,
            delay: self.delay,
            code: String::new(),
            seen: None,
        })
    }
}
