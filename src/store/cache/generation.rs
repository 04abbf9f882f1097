//! How old what is kept may be.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use super::partitions::{PARTITIONS, Partitions};

/// How long anything is kept at most: others who use the database, a NocoBase or somebody with a
/// SQL client, do not tell us what they change.
pub const LONGEST_KEPT: Duration = Duration::from_secs(10);
/// How long nothing may be heard of other processes before nothing that is kept counts.
pub const LONGEST_UNHEARD: Duration = Duration::from_secs(1);

/// A number for each partition, which goes up with each change.
pub struct Generations {
    partitions: [AtomicU64; PARTITIONS as usize],
    /// Until when what is kept counts, in milliseconds since the start.
    valid_until: AtomicU64,
    start: Instant,
}

/// When something was read, and of which generation it is.
#[derive(Clone, Copy, Debug)]
pub struct Stamp {
    partitions: Partitions,
    generation: u64,
    at: Instant,
}

/// Readings that begin at one moment may be one reading: nothing of theirs was changed here in
/// between, and what others changed in so short a time need not be known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Moment {
    generation: u64,
    /// How often [`LONGEST_UNHEARD`] has passed since the start.
    time: u128,
}

impl Generations {
    /// Nothing was heard of others yet.
    pub fn new() -> Self {
        Self {
            partitions: std::array::from_fn(|_| AtomicU64::new(0)),
            valid_until: AtomicU64::new(0),
            start: Instant::now(),
        }
    }

    /// What is kept of these is stale from now on, also what is being read at this moment.
    pub fn change(&self, partitions: Partitions) {
        for generation in self.of(partitions) {
            generation.fetch_add(1, Ordering::SeqCst);
        }
    }

    /// All that others had changed until `then` is known.
    pub fn caught_up(&self, then: Instant) {
        let until = self.milliseconds(then + LONGEST_UNHEARD);
        self.valid_until.store(until, Ordering::SeqCst);
    }

    /// A stamp for what is read from these partitions after this. It is taken before reading: a change
    /// that comes while reading makes it worthless.
    pub fn stamp(&self, partitions: Partitions) -> Stamp {
        Stamp {
            partitions,
            generation: self.generation(partitions),
            at: Instant::now(),
        }
    }

    /// The moment at which these partitions are about to be read.
    pub fn moment(&self, partitions: Partitions) -> Moment {
        Moment {
            generation: self.generation(partitions),
            time: self.start.elapsed().as_millis() / LONGEST_UNHEARD.as_millis(),
        }
    }

    /// Whether what has this stamp still counts.
    pub fn is_current(&self, stamp: &Stamp) -> bool {
        self.is_current_at(stamp, Instant::now())
    }

    fn is_current_at(&self, stamp: &Stamp, now: Instant) -> bool {
        self.milliseconds(now) < self.valid_until.load(Ordering::SeqCst)
            && now.saturating_duration_since(stamp.at) < LONGEST_KEPT
            && self.generation(stamp.partitions) == stamp.generation
    }

    /// The sum of the partitions' numbers. None ever goes down, so equal sums mean that nothing changed.
    fn generation(&self, partitions: Partitions) -> u64 {
        let numbers = self
            .of(partitions)
            .map(|partition| partition.load(Ordering::SeqCst));
        numbers.fold(0, u64::wrapping_add)
    }

    fn of(&self, partitions: Partitions) -> impl Iterator<Item = &AtomicU64> {
        partitions
            .numbers()
            .filter_map(|number| self.partitions.get(usize::from(number)))
    }

    fn milliseconds(&self, at: Instant) -> u64 {
        let since = at.saturating_duration_since(self.start).as_millis();
        u64::try_from(since).unwrap_or(u64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_makes_its_partitions_stale_and_no_others() {
        let generations = Generations::new();
        let now = Instant::now();
        generations.caught_up(now);
        let both = generations.stamp(Partitions::account(1) | Partitions::SETTINGS);
        let other = generations.stamp(Partitions::account(2));
        assert!(generations.is_current_at(&both, now));
        generations.change(Partitions::SETTINGS);
        assert!(!generations.is_current_at(&both, now));
        assert!(generations.is_current_at(&other, now));
        generations.change(Partitions::ACCOUNTS);
        assert!(!generations.is_current_at(&other, now));
    }

    #[test]
    fn nothing_counts_for_long() {
        let generations = Generations::new();
        let stamp = generations.stamp(Partitions::SETTINGS);
        let mut now = stamp.at;
        assert!(
            !generations.is_current_at(&stamp, now),
            "before anything was heard"
        );
        while now < stamp.at + LONGEST_KEPT {
            generations.caught_up(now);
            assert!(generations.is_current_at(&stamp, now));
            assert!(generations.is_current_at(&stamp, now + LONGEST_UNHEARD / 2));
            let silence = now + LONGEST_UNHEARD + Duration::from_millis(1);
            assert!(!generations.is_current_at(&stamp, silence));
            now += LONGEST_UNHEARD;
        }
        generations.caught_up(now);
        assert!(!generations.is_current_at(&stamp, now));
    }
}
