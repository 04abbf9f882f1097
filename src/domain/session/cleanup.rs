//! Removing records of sessions and revocations that are no longer needed.

use super::Sessions;
use crate::store::{Store, StoreError};

impl Sessions {
    /// Removes the records of sessions that can no longer be renewed, and of revoked tokens that
    /// have expired. Returns their number.
    pub async fn forget_old(&self, store: &Store) -> Result<u64, StoreError> {
        let policy = self.policy(store).await?;
        let oldest = (self.clock.now() - policy.session).timestamp_millis();
        let sessions = store.forget_old_sessions(oldest).await?;
        Ok(sessions + store.forget_ended_revocations().await?)
    }
}
