//! Failures of DingTalk's client that are due.

use std::{collections::VecDeque, time::Duration};

/// How the next call for a code ends.
#[derive(Clone, Copy)]
pub enum Fault {
    /// Never.
    Never,
    /// The person does not want to.
    Cancelled,
    /// The page's domain is not the app's.
    NotTheAppsPage,
    /// As it should, but late.
    Delay(Duration),
    /// With a code of another app.
    OtherApp,
}

/// The failures that are due; each strikes one call.
#[derive(Default)]
pub struct WebviewFaults(VecDeque<Fault>);

impl WebviewFaults {
    /// Adds one.
    pub fn add(&mut self, fault: Fault) {
        self.0.push_back(fault);
    }

    /// The one that strikes now.
    pub fn strike(&mut self) -> Option<Fault> {
        self.0.pop_front()
    }

    /// Forgets all of them.
    pub fn clear(&mut self) {
        self.0.clear();
    }
}
