//! Failures by chance.

use std::time::Duration;

use crate::state::{
    chance::Chance,
    endpoint::{Endpoint, Family},
    fault::{Kind, Strike},
};

/// Failures by chance: each call but those of the login page fails with a probability.
pub struct BadDay {
    /// From 0 to 1.
    pub probability: f64,
    /// Ways to fail, each as likely as the next.
    pub kinds: Vec<Kind>,
    /// Pause of those that have one.
    pub delay: Duration,
    /// Which calls fail, and how, follows from the seed and the order of calls.
    pub chance: Chance,
}

impl BadDay {
    /// The failure of this call, if it fails.
    pub fn strike(&mut self, endpoint: Endpoint) -> Option<Strike> {
        if endpoint.family() == Family::Page {
            return None;
        }
        // Both are drawn for each call, so that the next ones do not depend on this one's outcome.
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
