//! The progress of a run.

use std::sync::atomic::{AtomicU8, AtomicUsize, Ordering};

/// The phase of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Phase {
    /// Departments are read.
    Departments,
    /// People are read, department by department.
    People,
    /// The plan is computed.
    Plan,
    /// The plan is applied, person by person.
    Apply,
}

impl Phase {
    /// The name, which clients know.
    pub fn name(self) -> &'static str {
        match self {
            Self::Departments => "departments",
            Self::People => "people",
            Self::Plan => "plan",
            Self::Apply => "apply",
        }
    }
}

/// The progress of a run. The run writes it, and another task reads and publishes it.
#[derive(Debug, Default)]
pub struct Progress {
    phase: AtomicU8,
    done: AtomicUsize,
    total: AtomicUsize,
}

impl Progress {
    /// Begins a phase with this much to do, as far as is known.
    pub fn begin(&self, phase: Phase, total: usize) {
        self.phase.store(phase as u8, Ordering::Relaxed);
        self.done.store(0, Ordering::Relaxed);
        self.total.store(total, Ordering::Relaxed);
    }

    /// Adds to what is done.
    pub fn advance(&self, by: usize) {
        self.done.fetch_add(by, Ordering::Relaxed);
    }

    /// Sets how much there is to do, once more is known.
    pub fn grow(&self, total: usize) {
        self.total.store(total, Ordering::Relaxed);
    }

    /// The phase, how much is done, and the total.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phase_begins_with_nothing_done_and_can_grow() {
        let progress = Progress::default();
        progress.begin(Phase::People, 5);
        progress.advance(2);
        progress.advance(1);
        assert_eq!(progress.read(), (Phase::People, 3, 5));
        progress.grow(9);
        assert_eq!(progress.read(), (Phase::People, 3, 9));
        progress.begin(Phase::Apply, 4);
        assert_eq!(progress.read(), (Phase::Apply, 0, 4));
        assert_eq!(Phase::Departments.name(), "departments");
        assert_eq!(Phase::People.name(), "people");
        assert_eq!(Phase::Plan.name(), "plan");
        assert_eq!(Phase::Apply.name(), "apply");
    }
}
