//! Rows that are cached in memory, for the questions of every request: whose is this token, was it
//! signed out, which roles, which settings.
//!
//! A cached value counts only while nothing has been written to its part of the database since it
//! was read, in this process or, as [`watch`] learns, in another one; and never for long
//! (`generation`). All writes pass through `store::connection`, which finds out what a write makes
//! stale; code that writes need not know. Transactions read nothing from here.

mod accounts;
mod bound_counts;
mod counts;
mod derived_value;
mod generation;
mod lookups;
mod partitions;
mod revocations;
mod settings;
mod watch;

pub use accounts::{Account, HeldRole, HeldRoles, UNION};
pub(super) use counts::Counted;
pub use derived_value::DerivedValue;
pub(super) use generation::LONGEST_UNHEARD;
pub(super) use partitions::Partitions;
pub use settings::Settings;
pub(super) use watch::{Watcher, publish};

use std::sync::Arc;

use accounts::Accounts;
use bound_counts::BoundCounts;
use counts::Counts;
use generation::Generations;
use lookups::Lookups;
use revocations::Revocations;
use settings::KeptSettings;

use super::{Owner, Store};

/// All caches.
pub struct Caches {
    generations: Generations,
    settings: KeptSettings,
    accounts: Accounts,
    revocations: Revocations,
    settings_lookups: Lookups,
    account_lookups: Lookups,
    revocation_lookups: Lookups,
    pub(super) counts: Counts,
    pub(super) bound_counts: BoundCounts,
}

impl Store {
    /// Whether accounts and tokens may be answered from memory. NocoBase signs people out, sets
    /// passwords and removes roles without announcing it, so behind a gateway they may not; a
    /// gateway is seldom asked for them.
    fn keeps_people(&self) -> bool {
        self.owner() == Owner::Us
    }
}

impl Caches {
    /// Empty caches.
    pub fn new() -> Arc<Self> {
        Arc::new(Self {
            generations: Generations::new(),
            settings: KeptSettings::new(),
            accounts: Accounts::new(),
            revocations: Revocations::new(),
            settings_lookups: Lookups::default(),
            account_lookups: Lookups::default(),
            revocation_lookups: Lookups::default(),
            counts: Counts::default(),
            bound_counts: BoundCounts::default(),
        })
    }

    /// Makes cached values of these partitions stale.
    pub fn change(&self, partitions: Partitions) {
        self.generations.change(partitions);
    }

    /// Makes cached values of these partitions stale when the returned value is dropped, and so also when
    /// the function that holds it is cancelled.
    pub fn change_at_end(&self, partitions: Partitions) -> ChangeAtEnd<'_> {
        ChangeAtEnd {
            caches: self,
            partitions,
        }
    }
}

/// See [`Caches::change_at_end`].
#[must_use = "the values become stale when it is dropped"]
pub struct ChangeAtEnd<'a> {
    caches: &'a Caches,
    partitions: Partitions,
}

impl Drop for ChangeAtEnd<'_> {
    fn drop(&mut self) {
        self.caches.change(self.partitions);
    }
}
