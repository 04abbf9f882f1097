//! Whether the lookup tables, `dingtalk_contacts` and `dingtalk_bound_people`, are complete.
//!
//! They are copies, and another program or an older server may have written to the originals. Until
//! this process has compared a copy with its original completely, a missing row in the copy means
//! nothing.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{PoisonError, RwLock};

use tokio::sync::Notify;

use super::bindings::RenamedBindings;

/// Which lookup tables have been compared completely.
#[derive(Debug, Default)]
pub struct Coverage {
    accounts: AtomicBool,
    bindings: RwLock<ComparedBindings>,
    /// Whether bindings were compared at all.
    compared: AtomicBool,
    wanted: Notify,
}

/// The authenticators whose bindings were compared.
#[derive(Debug, Default)]
struct ComparedBindings {
    /// Their names.
    covered: HashSet<String>,
    /// The names that bindings have lost and got since the current comparison began. It may have
    /// looked at such a name when the bindings were not there yet.
    renamed: HashSet<String>,
}

impl Coverage {
    /// Whether the copy has all accounts.
    pub fn has_accounts(&self) -> bool {
        self.accounts.load(Ordering::Acquire)
    }

    /// Notes whether the copy has all accounts.
    pub fn set_accounts(&self, covered: bool) {
        self.accounts.store(covered, Ordering::Release);
    }

    /// Whether the copy has all bindings of this authenticator.
    pub fn has_bindings_of(&self, authenticator: &str) -> bool {
        let bindings = self.bindings.read();
        let bindings = bindings.unwrap_or_else(PoisonError::into_inner);
        bindings.covered.contains(authenticator)
    }

    /// Notes that a comparison begins.
    pub fn begin_comparison(&self) {
        let bindings = self.bindings.write();
        let mut bindings = bindings.unwrap_or_else(PoisonError::into_inner);
        bindings.renamed.clear();
    }

    /// Notes for which authenticators the copy has all bindings, as the comparison found that has
    /// ended. About names that have changed since it began, what [`Self::rename`] noted stays.
    pub fn set_bindings(&self, authenticators: HashSet<String>) {
        let bindings = self.bindings.write();
        let mut bindings = bindings.unwrap_or_else(PoisonError::into_inner);
        let ComparedBindings { covered, renamed } = &mut *bindings;
        covered.retain(|name| renamed.contains(name));
        let others = authenticators.into_iter();
        covered.extend(others.filter(|name| !renamed.contains(name)));
        renamed.clear();
        self.compared.store(true, Ordering::Release);
    }

    /// Notes that bindings have the new name of their authenticator, after that was committed, and
    /// requests a comparison.
    pub fn rename(&self, bindings: RenamedBindings) {
        let RenamedBindings { old, new, is_alone } = bindings;
        let bindings = self.bindings.write();
        let mut bindings = bindings.unwrap_or_else(PoisonError::into_inner);
        let ComparedBindings { covered, renamed } = &mut *bindings;
        let others_are_covered = covered.remove(&new) || is_alone;
        if covered.remove(&old) && others_are_covered {
            covered.insert(new.clone());
        }
        renamed.extend([old, new]);
        self.ask();
    }

    /// Whether the first comparison has ended, and accounts are still covered.
    pub fn is_complete(&self) -> bool {
        self.compared.load(Ordering::Acquire) && self.has_accounts()
    }

    /// Requests a comparison soon, because another program has changed something.
    pub fn ask(&self) {
        self.wanted.notify_one();
    }

    /// Waits until a comparison is requested.
    pub async fn asked(&self) {
        self.wanted.notified().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(names: &[&str]) -> HashSet<String> {
        names.iter().map(|&name| name.to_owned()).collect()
    }

    /// What was renamed from `old` to `new`.
    fn renamed(is_alone: bool) -> RenamedBindings {
        RenamedBindings {
            old: "old".to_owned(),
            new: "new".to_owned(),
            is_alone,
        }
    }

    #[test]
    fn a_new_name_is_covered_when_all_copies_that_have_it_are_complete() {
        for (covered, is_alone, expected) in [
            (&["old"][..], true, true),
            (&["old"], false, false),
            (&["old", "new"], false, true),
            (&["new"], false, false),
            (&["new"], true, false),
            (&[], true, false),
        ] {
            let coverage = Coverage::default();
            coverage.set_bindings(names(covered));
            coverage.rename(renamed(is_alone));
            assert_eq!(
                coverage.has_bindings_of("new"),
                expected,
                "{covered:?}, alone: {is_alone}"
            );
            assert!(!coverage.has_bindings_of("old"));
        }
    }

    #[test]
    fn a_comparison_says_nothing_of_names_that_changed_while_it_went_on() {
        let coverage = Coverage::default();
        coverage.set_bindings(names(&["old", "other"]));
        coverage.begin_comparison();
        coverage.rename(renamed(true));
        coverage.set_bindings(names(&["old", "other"]));
        for (name, expected) in [("old", false), ("new", true), ("other", true)] {
            assert_eq!(coverage.has_bindings_of(name), expected, "{name}");
        }
        // The bindings of `new` came from a name that was not covered.
        let coverage = Coverage::default();
        coverage.begin_comparison();
        coverage.rename(renamed(true));
        coverage.set_bindings(names(&["new"]));
        assert!(!coverage.has_bindings_of("new"));
        coverage.begin_comparison();
        coverage.set_bindings(names(&["new"]));
        assert!(coverage.has_bindings_of("new"));
    }
}
