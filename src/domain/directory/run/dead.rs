//! Runs whose process is gone: it was killed, or the database was away when the run ended.

use chrono::TimeDelta;

use crate::clock::Clock;
use crate::domain::lease::hold_for_events;
use crate::store::{Store, StoreError};

/// A run that is alive tells how far it is each second. The clocks of two servers may differ by the rest of this time.
const SILENT: TimeDelta = TimeDelta::minutes(2);

/// Records that such runs have failed, so that nobody waits for them. Returns how many there were.
pub async fn end_dead_runs(store: &Store, clock: &Clock) -> Result<u64, StoreError> {
    let silent_since = clock.now() - SILENT;
    let mut ended = 0;
    for source_id in store.sources_with_silent_runs(silent_since).await? {
        // Whoever holds the lease is at the run. Taken as for events, it lets a run that begins now wait for a moment.
        if let Some(held) = hold_for_events(store, source_id).await? {
            let failed = store.fail_running_runs(source_id).await;
            held.release().await;
            ended += failed?;
        }
    }
    Ok(ended)
}
