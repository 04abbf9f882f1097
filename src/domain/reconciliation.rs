//! Comparing the lookup tables with the accounts and bindings of which they are copies.
//!
//! NocoBase, its plugins and SQL clients change accounts and bindings without announcing it. So all
//! of them are compared at start-up and regularly after that: a page at a time, with pauses that
//! leave the database to others.

use std::cmp::max;
use std::collections::{HashSet, VecDeque};
use std::time::{Duration, Instant};

use super::identity_provider::Providers;
use crate::chain::Chain;
use crate::store::{Copies, Coverage, Store, StoreError};

/// How long to wait after each page, as a multiple of the time that the page took.
const REST: u32 = 2;
/// The time that a page took is this multiple of the wait after it, in the first comparison: until
/// it has ended, first sign-ins look through all accounts and bindings.
const FIRST_REST_DIVISOR: u32 = 2;
/// The shortest time between two comparisons.
const EVERY: Duration = Duration::from_mins(1);
/// The shortest time when a comparison was requested, because one change is often followed by
/// others.
const SOON: Duration = Duration::from_secs(2);
/// The time between two comparisons, as a multiple of the time that a comparison took.
const EVERY_MULTIPLE: u32 = 10;
const SOON_MULTIPLE: u32 = 2;
/// A first comparison that takes longer is reported in the log when it ends.
const LONG: Duration = Duration::from_secs(1);
/// How long to wait after a failure.
const AFTER_FAILURE: Duration = Duration::from_secs(10);
/// After how many failures in a row the log has a line.
const FAILURES_TO_TELL: u32 = 2;

/// The position of a comparison.
#[derive(Debug)]
enum At {
    /// Before the first page.
    Start,
    /// After the account with this id.
    Accounts(i64),
    /// In the first of these authenticators, after the account with this id.
    Bindings(VecDeque<String>, i64),
}

/// A comparison. When it has ended, it starts again.
pub struct Reconciliation {
    /// The providers whose bindings are compared.
    providers: Providers,
    at: At,
    /// The authenticators whose bindings have been compared completely.
    covered: HashSet<String>,
    /// How long the pages took so far.
    took: Duration,
    /// Whether it has completed once.
    finished: bool,
    /// How often the current page could not be compared.
    failures: u32,
}

impl Reconciliation {
    /// A comparison that has not begun, of the bindings at these providers.
    pub fn new(providers: Providers) -> Self {
        Self {
            providers,
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
    /// The pause between two pages.
    Short(Duration),
    /// The pause between two comparisons, and the shorter one for when a comparison was requested.
    Long(Duration, Duration),
}

impl Pause {
    /// Waits for the pause to end.
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
    /// Compares the next page, and writes failures to the log.
    pub async fn advance(&mut self, store: &Store) -> Pause {
        let began = Instant::now();
        let outcome = self.step(store).await;
        let took = began.elapsed();
        self.took += took;
        match outcome {
            Ok(true) => {
                self.failures = 0;
                Pause::Short(if self.finished {
                    took * REST
                } else {
                    took / FIRST_REST_DIVISOR
                })
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
                // A single failure may be temporary, or happen because the server is stopping.
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

    /// Compares the next page. Returns false when it was the last.
    pub async fn step(&mut self, store: &Store) -> Result<bool, StoreError> {
        match &mut self.at {
            At::Start => {
                store.coverage().begin_comparison();
                self.at = At::Accounts(i64::MIN);
            }
            At::Accounts(after) => {
                if let Some(end) = store.reconcile(Copies::Accounts, *after).await? {
                    *after = end;
                } else {
                    store.coverage().set_accounts(true);
                    self.at = At::Bindings(authenticators(store, &self.providers).await?, i64::MIN);
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

/// The names of the authenticators at which people sign in by a binding.
async fn authenticators(
    store: &Store,
    providers: &Providers,
) -> Result<VecDeque<String>, StoreError> {
    let rows = store.authenticators().await?.into_iter();
    Ok(rows
        .filter(|row| providers.has_type(&row.auth_type))
        .map(|row| row.name)
        .collect())
}

#[cfg(test)]
mod tests {
    use tokio::time::timeout;

    use super::*;
    use crate::domain::test_installation::TestInstallation;

    const HOUR: Duration = Duration::from_hours(1);

    #[tokio::test]
    async fn a_pause_is_as_long_as_the_work_before_it_asks_for() {
        let installation = TestInstallation::new().await;
        let mut work = Reconciliation::new(Providers::default());
        let pause = work.advance(&installation.store).await;
        assert_eq!(pause, Pause::Short(work.took / 2), "until it has finished");

        work.at = At::Bindings(VecDeque::new(), i64::MIN);
        work.took = Duration::from_secs(100);
        let Pause::Long(every, soon) = work.advance(&installation.store).await else {
            panic!("the comparison has ended");
        };
        assert!(every >= Duration::from_secs(1000), "{every:?}");
        assert!(soon >= Duration::from_secs(200), "{soon:?}");

        assert_eq!(work.took, Duration::ZERO);
        let pause = work.advance(&installation.store).await;
        assert_eq!(pause, Pause::Short(work.took * 2));
    }

    #[tokio::test]
    async fn only_a_request_leads_to_the_shorter_pause() {
        let coverage = Coverage::default();
        // Nobody asks, and the long pause is over.
        let unasked = Pause::Long(Duration::from_millis(1), HOUR);
        assert!(timeout(HOUR / 60, unasked.wait(&coverage)).await.is_ok());
        coverage.ask();
        let asked = Pause::Long(HOUR, HOUR);
        let ended = timeout(Duration::from_millis(50), asked.wait(&coverage)).await;
        assert!(ended.is_err(), "the short pause lasts");
    }
}
