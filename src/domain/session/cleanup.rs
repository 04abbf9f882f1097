//! Sessions and sign-outs that are over.

use super::Sessions;
use crate::store::{Store, StoreError};

impl Sessions {
    /// Forgets the records of sessions that nobody can renew any more, and of tokens that were signed out and
    /// have ended since. Gives how many there were.
    pub async fn forget_old(&self, store: &Store) -> Result<u64, StoreError> {
        let policy = self.policy(store).await?;
        let oldest = (self.clock.now() - policy.session).timestamp_millis();
        let sessions = store.forget_old_sessions(oldest).await?;
        Ok(sessions + store.forget_ended_revocations().await?)
    }
}
