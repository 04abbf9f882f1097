//! Failures on demand: a test asks for one, the next calls of that endpoint meet it; or for a bad day, on
//! which any call may fail.

use crate::state::{
    bad_day::BadDay,
    endpoint::Endpoint,
    fault::{Fault, Strike},
};

/// The failures that are due, first come first served for each endpoint, before those of chance.
#[derive(Default)]
pub struct Faults {
    due: Vec<Fault>,
    bad_day: Option<BadDay>,
}

impl Faults {
    /// Adds one.
    pub fn add(&mut self, fault: Fault) {
        self.due.push(fault);
    }

    /// From now on any call may fail.
    pub fn set_bad_day(&mut self, bad_day: BadDay) {
        self.bad_day = Some(bad_day);
    }

    /// Forgets all of them.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// What strikes this call, if anything does.
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
