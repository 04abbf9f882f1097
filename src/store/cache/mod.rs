//! Rows that are kept in memory, for the questions that every request asks: whose token is this, was
//! it signed out, which roles, which settings.
//!
//! What is kept counts only while no write has touched its part of the database since it was read,
//! in this process or, as [`watch`] hears, in another; and never for long (`generation`). Which part
//! a write touches is found out where all writes pass (`store::connection`), not by those who write.
//! Transactions read nothing from here.

mod accounts;
mod counts;
mod derived;
mod generation;
mod lookups;
mod partitions;
mod revocations;
mod settings;
mod watch;

pub use accounts::{Account, HeldRole, HeldRoles, UNION};
pub(super) use counts::Counted;
pub use derived::Derived;
pub(super) use generation::LONGEST_UNHEARD;
pub(super) use partitions::Partitions;
pub use settings::Settings;
pub(super) use watch::{Watcher, publish};

use std::sync::Arc;

use accounts::Accounts;
use counts::Counts;
use generation::Generations;
use lookups::Lookups;
use revocations::Revocations;
use settings::KeptSettings;

use super::{Owner, Store};

/// Everything that is kept.
pub struct Caches {
    generations: Generations,
    settings: KeptSettings,
    accounts: Accounts,
    revocations: Revocations,
    settings_lookups: Lookups,
    account_lookups: Lookups,
    revocation_lookups: Lookups,
    pub(super) counts: Counts,
}

impl Store {
    /// Whether accounts and tokens may be answered from memory. A NocoBase signs out, sets passwords
    /// and takes roles away without telling us, and its gateway is seldom asked about people.
    fn keeps_people(&self) -> bool {
        self.owner() == Owner::Us
    }
}

impl Caches {
    /// Nothing yet.
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
        })
    }

    /// What is kept of these is stale from now on.
    pub fn change(&self, partitions: Partitions) {
        self.generations.change(partitions);
    }
}
