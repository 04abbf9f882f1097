//! Counting and observing the statements that are sent to the database.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use sea_orm::Statement;

use super::Store;

type Listener = Box<dyn Fn(&Statement) + Send + Sync>;

/// The statements of a pool, except those of the watcher.
#[derive(Default)]
pub(super) struct Statements {
    sent: AtomicU64,
    listener: OnceLock<Listener>,
}

impl Statements {
    /// Notes a statement.
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

    /// Calls `listener` with each statement and its values from now on, for tests that examine
    /// query plans. A store has one listener: false when there is another one, which stays.
    #[must_use = "a listener that is not called hears nothing, and a test of it proves nothing"]
    pub fn hear_statements(&self, listener: impl Fn(&Statement) + Send + Sync + 'static) -> bool {
        self.statements.listener.set(Box::new(listener)).is_ok()
    }
}
