//! Remembers which inbox rows are claimed, so that the database is not asked again in every step.

use std::collections::HashSet;

use crate::store::{Store, StoreError};

/// The claimed rows among those that the last two steps have read. A row is read for some minutes, and its claim stays.
#[derive(Default)]
pub(super) struct ClaimedRows {
    before: HashSet<String>,
    now: HashSet<String>,
}

impl ClaimedRows {
    /// Begins a step. Rows that it does not read are forgotten after it.
    pub(super) fn begin_step(&mut self) {
        self.before = std::mem::take(&mut self.now);
    }

    /// Whether this row is claimed.
    pub(super) fn contains(&self, id: &str) -> bool {
        self.now.contains(id)
    }

    /// Asks the database which of these rows are claimed, unless that is known.
    pub(super) async fn find_among(
        &mut self,
        store: &Store,
        ids: Vec<String>,
    ) -> Result<(), StoreError> {
        let (known, unknown): (Vec<_>, Vec<_>) =
            ids.into_iter().partition(|id| self.before.contains(id));
        self.now.extend(known);
        if !unknown.is_empty() {
            self.now.extend(store.claimed_among(&unknown).await?);
        }
        Ok(())
    }
}
