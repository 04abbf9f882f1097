//! What is sent to the database.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use sea_orm::Statement;

use super::Store;

type Listener = Box<dyn Fn(&Statement) + Send + Sync>;

/// Statements of a pool, but for those of the watcher.
#[derive(Default)]
pub(super) struct Statements {
    sent: AtomicU64,
    listener: OnceLock<Listener>,
}

impl Statements {
    /// Counts one.
    pub(super) fn note(&self, statement: &Statement) {
        self.sent.fetch_add(1, Ordering::Relaxed);
        if let Some(listener) = self.listener.get() {
            listener(statement);
        }
    }
}

impl Store {
    /// How many statements were sent to the database since the start.
    pub fn statements(&self) -> u64 {
        self.statements.sent.load(Ordering::Relaxed)
    }

    /// Has each statement told from now on, with its values: for tests, which ask the database how it finds the
    /// rows. Only the first who asks is told.
    pub fn hear_statements(&self, listener: impl Fn(&Statement) + Send + Sync + 'static) {
        let _ = self.statements.listener.set(Box::new(listener));
    }
}
