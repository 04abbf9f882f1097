//! Follows up on messages that were sent: the provider is asked whether they were delivered.

use std::sync::Arc;

use crate::chain::Chain;
use crate::domain::messengers;
use crate::state::AppState;

/// One step of the worker: settles messages whose sending was interrupted, and asks for the
/// delivery state of those that were sent.
pub async fn follow_up(app: Arc<AppState>) {
    if let Err(error) = messengers::follow_up(app.messengers(), &app.clock).await {
        log::warn!(
            "what became of messages is not known: {error}",
            error = Chain(&error)
        );
    }
}
