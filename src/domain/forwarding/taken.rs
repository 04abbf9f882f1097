//! Which rows of an inbox are taken, without asking again in each look.

use std::collections::HashSet;

use crate::store::{Store, StoreError};

/// Rows that are taken, as far as the last look has seen. A row is seen for some minutes, and stays taken.
#[derive(Default)]
pub(super) struct TakenRows {
    before: HashSet<String>,
    now: HashSet<String>,
}

impl TakenRows {
    /// A new look begins. What it does not see is forgotten after it.
    pub(super) fn look_again(&mut self) {
        self.before = std::mem::take(&mut self.now);
    }

    /// Whether this row is taken.
    pub(super) fn contains(&self, id: &str) -> bool {
        self.now.contains(id)
    }

    /// Finds out which of these rows are taken.
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
