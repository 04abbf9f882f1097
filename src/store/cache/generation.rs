//! Whether a cached value is still current.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use super::partitions::{PARTITIONS, Partitions};

/// How long anything is cached at most: other programs at the database, such as NocoBase or a SQL
/// client, do not announce their changes.
pub const LONGEST_KEPT: Duration = Duration::from_secs(10);
/// How long other processes may not be heard of before no cached value counts as current.
pub const LONGEST_UNHEARD: Duration = Duration::from_secs(1);

/// A number for each partition, which increases with each change.
pub struct Generations {
    partitions: [AtomicU64; PARTITIONS as usize],
    /// Until when cached values count, in milliseconds since the start.
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

/// A short span of time and a generation. Requests that read in the same one may share one reading:
/// nothing has changed in this process in between, and changes of other processes need not be
/// visible so soon.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Moment {
    generation: u64,
    /// The number of the span: spans of [`LONGEST_UNHEARD`] are counted from the start.
    time: u128,
}

impl Generations {
    /// Generations of a process that has not heard of others yet.
    pub fn new() -> Self {
        Self {
            partitions: std::array::from_fn(|_| AtomicU64::new(0)),
            valid_until: AtomicU64::new(0),
            start: Instant::now(),
        }
    }

    /// Makes cached values of these partitions stale, including those that are being read at this
    /// moment.
    pub fn change(&self, partitions: Partitions) {
        for generation in self.of(partitions) {
            generation.fetch_add(1, Ordering::SeqCst);
        }
    }

    /// Notes that all changes of other processes before `then` are known.
    pub fn caught_up(&self, then: Instant) {
        let until = self.milliseconds(then + LONGEST_UNHEARD);
        self.valid_until.store(until, Ordering::SeqCst);
    }

    /// A stamp for values of these partitions. Take it before reading, because a change during the
    /// reading must make the value stale.
    pub fn stamp(&self, partitions: Partitions) -> Stamp {
        Stamp {
            partitions,
            generation: self.generation(partitions),
            at: Instant::now(),
        }
    }

    /// The moment for a reading of these partitions that is about to begin.
    pub fn moment(&self, partitions: Partitions) -> Moment {
        Moment {
            generation: self.generation(partitions),
            time: self.start.elapsed().as_millis() / LONGEST_UNHEARD.as_millis(),
        }
    }

    /// Whether a value with this stamp is current.
    pub fn is_current(&self, stamp: &Stamp) -> bool {
        self.is_current_at(stamp, Instant::now())
    }

    fn is_current_at(&self, stamp: &Stamp, now: Instant) -> bool {
        self.milliseconds(now) < self.valid_until.load(Ordering::SeqCst)
            && now.saturating_duration_since(stamp.at) < LONGEST_KEPT
            && self.generation(stamp.partitions) == stamp.generation
    }

    /// The sum of the partitions' numbers. No number decreases, so equal sums mean that nothing has
    /// changed.
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
