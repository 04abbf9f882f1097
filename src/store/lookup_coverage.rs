//! Whether the lookup tables, `dingtalk_contacts` and `dingtalk_bound_people`, are complete.
//!
//! They are copies, and another program or an older server may have written to the originals. Until
//! this process has compared a copy with its original completely, a missing row in the copy means
//! nothing.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{PoisonError, RwLock};

use tokio::sync::Notify;

/// Which lookup tables have been compared completely.
#[derive(Debug, Default)]
pub struct Coverage {
    accounts: AtomicBool,
    /// The names of the authenticators whose bindings were compared.
    bindings: RwLock<HashSet<String>>,
    /// Whether bindings were compared at all.
    compared: AtomicBool,
    wanted: Notify,
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
        bindings.contains(authenticator)
    }

    /// Notes for which authenticators the copy has all bindings.
    pub fn set_bindings(&self, authenticators: HashSet<String>) {
        let mut bindings = self
            .bindings
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        *bindings = authenticators;
        self.compared.store(true, Ordering::Release);
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
