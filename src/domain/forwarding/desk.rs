//! What is done in NocoBase about messages that went to people at a provider.

use std::error::Error;

use async_trait::async_trait;
use entity::forwarded_send;

/// Why something was not done.
pub type DeskError = Box<dyn Error + Send + Sync>;

/// Does in NocoBase what messages leave to do, in the name of an account. NocoBase's rows are its own to write.
#[async_trait]
pub trait Desk: Send + Sync {
    /// Takes messages out of the inbox.
    async fn take_out(&self, account: i64, ids: &[String]) -> Result<(), DeskError>;

    /// Writes into the log why a send did not reach everybody. False where the log has no line of this send.
    async fn write_reason(
        &self,
        send: &forwarded_send::Model,
        reason: &str,
    ) -> Result<bool, DeskError>;
}
