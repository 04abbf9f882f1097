//! Failures on demand. A test adds a failure, and the next calls of that endpoint fail; or it sets
//! a bad day, on which any call may fail.

use crate::state::{
    bad_day::BadDay,
    endpoint::Endpoint,
    fault::{Fault, Strike},
};

/// The failures that are due. For each endpoint, the one that was added first is used first, before
/// random ones.
#[derive(Default)]
pub struct Faults {
    due: Vec<Fault>,
    bad_day: Option<BadDay>,
}

impl Faults {
    /// Adds a failure.
    pub fn add(&mut self, fault: Fault) {
        self.due.push(fault);
    }

    /// Makes random calls fail from now on.
    pub fn set_bad_day(&mut self, bad_day: BadDay) {
        self.bad_day = Some(bad_day);
    }

    /// Removes all failures.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// The failure of the current call, if it fails.
    pub fn strike(&mut self, endpoint: Endpoint) -> Option<Strike> {
        let mut concerned = self.due.iter_mut().filter(|it| it.concerns(endpoint));
        let struck = concerned.find_map(|fault| fault.meet(endpoint));
        self.due.retain(|fault| fault.times != Some(0));
        match struck {
            None => self.bad_day.as_mut()?.strike(endpoint),
            struck => struck,
        }
    }
}
