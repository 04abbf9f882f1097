//! How far the lookup tables, `dingtalk_contacts` and `dingtalk_bound_people`, can be relied on.
//!
//! They are copies. Until they have been compared with all that they are copies of, once in the life
//! of this process, nothing follows from what is missing in them: another program, or an older
//! server, may have written meanwhile.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{PoisonError, RwLock};

use tokio::sync::Notify;

/// What of the lookup tables was compared to its end.
#[derive(Debug, Default)]
pub struct Coverage {
    accounts: AtomicBool,
    /// Names of authenticators.
    bindings: RwLock<HashSet<String>>,
    wanted: Notify,
}

impl Coverage {
    /// Whether all accounts are in the copy.
    pub fn has_accounts(&self) -> bool {
        self.accounts.load(Ordering::Acquire)
    }

    /// Notes whether all accounts are in the copy.
    pub fn set_accounts(&self, covered: bool) {
        self.accounts.store(covered, Ordering::Release);
    }

    /// Whether all bindings at this authenticator are in the copy.
    pub fn has_bindings_of(&self, authenticator: &str) -> bool {
        let bindings = self.bindings.read();
        let bindings = bindings.unwrap_or_else(PoisonError::into_inner);
        bindings.contains(authenticator)
    }

    /// Notes which authenticators have all of their bindings in the copy.
    pub fn set_bindings(&self, authenticators: HashSet<String>) {
        let mut bindings = self
            .bindings
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        *bindings = authenticators;
    }

    /// Asks for a comparison soon: somebody else has changed something.
    pub fn ask(&self) {
        self.wanted.notify_one();
    }

    /// Waits until somebody asks.
    pub async fn asked(&self) {
        self.wanted.notified().await;
    }
}
