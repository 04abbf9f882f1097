//! How far a run is, for whoever watches.

use std::sync::atomic::{AtomicU8, AtomicUsize, Ordering};

/// What a run does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Phase {
    /// It reads departments.
    Departments,
    /// It reads people, department by department.
    People,
    /// It works out what is to be done.
    Plan,
    /// It does it, person by person.
    Apply,
}

impl Phase {
    /// Its name, which stays the same.
    pub fn name(self) -> &'static str {
        match self {
            Self::Departments => "departments",
            Self::People => "people",
            Self::Plan => "plan",
            Self::Apply => "apply",
        }
    }
}

/// How far a run is. It is written where the work is done and read by whoever tells others.
#[derive(Debug, Default)]
pub struct Progress {
    phase: AtomicU8,
    done: AtomicUsize,
    total: AtomicUsize,
}

impl Progress {
    /// A phase begins, with so much to do as far as that is known.
    pub fn begin(&self, phase: Phase, total: usize) {
        self.phase.store(phase as u8, Ordering::Relaxed);
        self.done.store(0, Ordering::Relaxed);
        self.total.store(total, Ordering::Relaxed);
    }

    /// So much more is done.
    pub fn advance(&self, by: usize) {
        self.done.fetch_add(by, Ordering::Relaxed);
    }

    /// There is so much to do, as far as is known now.
    pub fn grow(&self, total: usize) {
        self.total.store(total, Ordering::Relaxed);
    }

    /// The phase, how much is done, and of how much.
    pub fn read(&self) -> (Phase, usize, usize) {
        let phase = [Phase::Departments, Phase::People, Phase::Plan, Phase::Apply];
        let number = usize::from(self.phase.load(Ordering::Relaxed));
        let phase = phase.get(number).copied().unwrap_or(Phase::Apply);
        let (done, total) = (&self.done, &self.total);
        (
            phase,
            done.load(Ordering::Relaxed),
            total.load(Ordering::Relaxed),
        )
    }
}
