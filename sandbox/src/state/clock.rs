//! The sandbox's clock, which the control API can advance so that codes and tokens expire without
//! waiting.

use std::time::{SystemTime, UNIX_EPOCH};

/// The machine's clock plus an offset.
#[derive(Default)]
pub struct Clock {
    seconds_ahead: i64,
}

impl Clock {
    /// The current time, in seconds since 1970.
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the clock that the rest is told to use"
    )]
    pub fn now(&self) -> i64 {
        let machine = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |elapsed| {
                i64::try_from(elapsed.as_secs()).unwrap_or(i64::MAX)
            });
        machine.saturating_add(self.seconds_ahead)
    }

    /// Advances the clock by this many seconds.
    pub fn advance(&mut self, seconds: u32) {
        self.seconds_ahead = self.seconds_ahead.saturating_add(i64::from(seconds));
    }
}
