//! Failures by chance.

use std::time::Duration;

use crate::{
    endpoint::{Endpoint, Family},
    faults::{Fault, Kind},
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
    pub fn strike(&mut self, endpoint: Endpoint) -> Option<Fault> {
        if endpoint.family() == Family::Page {
            return None;
        }
        // Both are drawn for each call, so that the next ones do not depend on this one's outcome.
        let (strikes, which) = (self.chance.draw(), self.chance.draw());
        if strikes >= self.probability {
            return None;
        }
        let count = u32::try_from(self.kinds.len()).ok()?;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a position in a short list"
        )]
        let position = (which * f64::from(count)) as usize;
        Some(Fault {
            endpoint,
            kind: *self.kinds.get(position)?,
            times: None,
            delay: self.delay,
            code: String::new(),
            seen: None,
        })
    }
}

/// Chance that can be repeated: `SplitMix64`, which stays the same in every version of anything.
pub struct Chance(u64);

impl Chance {
    /// The sequence of this seed.
    pub fn of_seed(seed: u64) -> Self {
        Self(seed)
    }

    /// At least 0 and less than 1.
    fn draw(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^= bits >> 31;
        let upper = u32::try_from(bits >> 32).unwrap_or_default();
        f64::from(upper) / (f64::from(u32::MAX) + 1.0)
    }
}
