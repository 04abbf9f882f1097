//! People who were removed lately. Events remove people one by one, and the safety limit counts
//! those of the last hour together.

use chrono::TimeDelta;

use crate::clock::Clock;
use crate::store::{Store, StoreError};

/// The time over which people who leave count together.
const LATELY: TimeDelta = TimeDelta::hours(1);

/// How many people of a source were removed in the last hour.
pub async fn gone_lately(
    store: &Store,
    clock: &Clock,
    source_id: i64,
) -> Result<usize, StoreError> {
    let since = clock.now() - LATELY;
    let gone = store.count_gone_since(source_id, since).await?;
    Ok(usize::try_from(gone).unwrap_or(usize::MAX))
}
