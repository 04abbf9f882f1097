//! Changes to NocoBase's notifications after messages went to people at a provider.

use std::error::Error;

use async_trait::async_trait;
use entity::forwarded_send;

/// Why NocoBase was not changed.
pub type NotificationWriterError = Box<dyn Error + Send + Sync>;

/// Changes NocoBase's notifications in the name of an account. It goes through NocoBase's API, because only NocoBase may
/// write its rows.
#[async_trait]
pub trait NotificationWriter: Send + Sync {
    /// Removes messages from the inbox.
    async fn remove_from_inbox(
        &self,
        account: i64,
        ids: &[String],
    ) -> Result<(), NotificationWriterError>;

    /// Writes into the notification log why a send did not reach everybody. Returns false when the log has no line of
    /// this send.
    async fn record_failure(
        &self,
        send: &forwarded_send::Model,
        reason: &str,
    ) -> Result<bool, NotificationWriterError>;
}
