//! Failures of DingTalk's client that are due.

use std::{collections::VecDeque, time::Duration};

/// How the next request for a code ends.
#[derive(Clone, Copy)]
pub enum Fault {
    /// It is never answered.
    Never,
    /// The person cancels it.
    Cancelled,
    /// It is refused, because the domain of the page is not registered.
    NotTheAppsPage,
    /// It succeeds, but late.
    Delay(Duration),
    /// It returns a code of another app.
    OtherApp,
}

/// The failures that are due. Each affects one request.
#[derive(Default)]
pub struct WebviewFaults(VecDeque<Fault>);

impl WebviewFaults {
    /// Adds a failure.
    pub fn add(&mut self, fault: Fault) {
        self.0.push_back(fault);
    }

    /// The failure of the current request.
    pub fn strike(&mut self) -> Option<Fault> {
        self.0.pop_front()
    }

    /// Removes all failures.
    pub fn clear(&mut self) {
        self.0.clear();
    }
}
