//! Comparing the lookup tables with the accounts and bindings that they are copies of.
//!
//! NocoBase, a plugin or somebody with a SQL client changes those without telling us. So all of them
//! are looked through when the server starts, and now and again after that: a page at a time, with
//! pauses that leave the database to others.

use std::cmp::max;
use std::collections::{HashSet, VecDeque};
use std::time::{Duration, Instant};

use super::plugin;
use crate::chain::Chain;
use crate::store::{Copies, Coverage, Store, StoreError};

/// How long to wait after each page, as a multiple of what it took.
const REST: u32 = 2;
/// How long to wait before all is looked through again, at least.
const EVERY: Duration = Duration::from_mins(1);
/// The same when somebody asks: a change is followed by others.
const SOON: Duration = Duration::from_secs(2);
/// The same as multiples of what it took.
const EVERY_MULTIPLE: u32 = 10;
const SOON_MULTIPLE: u32 = 2;
/// A first comparison that takes longer is worth a line when it is done.
const LONG: Duration = Duration::from_secs(1);
/// How long to wait after a failure.
const AFTER_FAILURE: Duration = Duration::from_secs(10);
/// How many failures in a row are worth a line in the log.
const FAILURES_TO_TELL: u32 = 2;

/// Where a comparison is.
#[derive(Debug)]
enum At {
    /// Before the first page.
    Start,
    /// After this account.
    Accounts(i64),
    /// At the first of these authenticators, after this account.
    Bindings(VecDeque<String>, i64),
}

/// A comparison, which begins anew when it is at its end.
#[derive(Debug)]
pub struct Reconciliation {
    at: At,
    /// Authenticators whose bindings were looked through to the end.
    covered: HashSet<String>,
    /// How long pages took so far.
    took: Duration,
    /// Whether it came to its end once.
    finished: bool,
    /// How often the page could not be compared.
    failures: u32,
}

impl Default for Reconciliation {
    fn default() -> Self {
        Self {
            at: At::Start,
            covered: HashSet::new(),
            took: Duration::ZERO,
            finished: false,
            failures: 0,
        }
    }
}

/// How long to wait before the next page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pause {
    /// Between two pages.
    Short(Duration),
    /// Between two comparisons: this long, or that long when somebody asks.
    Long(Duration, Duration),
}

impl Pause {
    /// Waits.
    pub async fn wait(self, coverage: &Coverage) {
        match self {
            Self::Short(pause) => tokio::time::sleep(pause).await,
            Self::Long(every, soon) => {
                let began = Instant::now();
                if tokio::time::timeout(every, coverage.asked()).await.is_ok() {
                    tokio::time::sleep(soon.saturating_sub(began.elapsed())).await;
                }
            }
        }
    }
}

impl Reconciliation {
    /// Compares the next page, and says what goes wrong in the log.
    pub async fn advance(&mut self, store: &Store) -> Pause {
        let began = Instant::now();
        let outcome = self.step(store).await;
        let took = began.elapsed();
        self.took += took;
        match outcome {
            Ok(true) => {
                self.failures = 0;
                Pause::Short(took * REST)
            }
            Ok(false) => {
                self.failures = 0;
                let took = std::mem::take(&mut self.took);
                log::debug!("accounts and bindings were compared with their copies in {took:?}");
                if !std::mem::replace(&mut self.finished, true) && took > LONG {
                    log::info!("accounts and bindings of others are found by an index from now on");
                }
                Pause::Long(
                    max(EVERY, took * EVERY_MULTIPLE),
                    max(SOON, took * SOON_MULTIPLE),
                )
            }
            Err(error) => {
                // One failure alone passes, or is that of a server that ends.
                self.failures = self.failures.saturating_add(1);
                if self.failures == FAILURES_TO_TELL {
                    log::warn!(
                        "accounts cannot be compared with their copies: {error}",
                        error = Chain(&error)
                    );
                }
                Pause::Short(AFTER_FAILURE)
            }
        }
    }

    /// Compares the next page. False when it was the last.
    pub async fn step(&mut self, store: &Store) -> Result<bool, StoreError> {
        match &mut self.at {
            At::Start => self.at = At::Accounts(i64::MIN),
            At::Accounts(after) => {
                if let Some(end) = store.reconcile(Copies::Accounts, *after).await? {
                    *after = end;
                } else {
                    store.coverage().set_accounts(true);
                    self.at = At::Bindings(authenticators(store).await?, i64::MIN);
                }
            }
            At::Bindings(names, after) => {
                let Some(name) = names.front() else {
                    let covered = std::mem::take(&mut self.covered);
                    store.coverage().set_bindings(covered);
                    self.at = At::Start;
                    return Ok(false);
                };
                if let Some(end) = store.reconcile(Copies::BindingsAt(name), *after).await? {
                    *after = end;
                } else {
                    self.covered.extend(names.pop_front());
                    *after = i64::MIN;
                }
            }
        }
        Ok(true)
    }
}

/// Names of the authenticators at which people sign in by a binding.
async fn authenticators(store: &Store) -> Result<VecDeque<String>, StoreError> {
    let own_type = &plugin::manifest().auth_type;
    let rows = store.authenticators().await?.into_iter();
    Ok(rows
        .filter(|row| row.auth_type == *own_type)
        .map(|row| row.name)
        .collect())
}
