//! Runs whose process is gone: it was killed, or the database was away when the run ended.

use crate::domain::lease::hold_for_events;
use crate::store::{Store, StoreError};

/// Records that such runs have failed, so that nobody waits for them. Returns how many there were.
pub async fn end_dead_runs(store: &Store) -> Result<u64, StoreError> {
    let mut ended = 0;
    for source_id in store.sources_with_running_runs().await? {
        // Whoever holds the lease is at the run. Taken as for events, it lets a run that begins now wait for a moment.
        if let Some(held) = hold_for_events(store, source_id).await? {
            let failed = store.fail_running_runs(source_id).await;
            held.release().await;
            ended += failed?;
        }
    }
    Ok(ended)
}
