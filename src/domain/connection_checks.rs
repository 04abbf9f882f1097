//! The results of the last connection tests, kept while this server runs.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Utc};

use super::identity_provider::ConnectionFinding;

/// The result of a test.
#[derive(Clone, Debug)]
pub struct Check {
    /// When the test was made.
    pub at: DateTime<Utc>,
    /// What it found.
    pub findings: Vec<ConnectionFinding>,
}

/// The last results, by the name of the authenticator.
#[derive(Default)]
pub struct ConnectionChecks(Mutex<HashMap<String, Check>>);

impl ConnectionChecks {
    fn kept(&self) -> MutexGuard<'_, HashMap<String, Check>> {
        let Self(kept) = self;
        kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps the result for one of these authenticators, and drops those of all other names, so
    /// that there are never more than authenticators.
    pub fn keep(&self, name: &str, check: Check, authenticators: &[String]) {
        let mut kept = self.kept();
        kept.retain(|name, _| authenticators.contains(name));
        kept.insert(name.to_owned(), check);
    }

    /// The last test of an authenticator.
    pub fn of(&self, name: &str) -> Option<Check> {
        self.kept().get(name).cloned()
    }
}
