//! What became of messages that were sent.

use std::sync::Arc;

use crate::chain::Chain;
use crate::domain::messengers;
use crate::state::AppState;

/// One step: settles messages that were cut off, and asks what became of others.
pub async fn follow_up(app: Arc<AppState>) {
    if let Err(error) = messengers::follow_up(app.messengers(), &app.clock).await {
        log::warn!(
            "what became of messages is not known: {error}",
            error = Chain(&error)
        );
    }
}
