//! Follows up on messages that were sent: the provider is asked whether they were delivered.

use std::sync::Arc;

use crate::chain::Chain;
use crate::domain::{messengers, mirror};
use crate::state::AppState;

/// One step of the worker: settles messages whose sending was interrupted, and asks for the
/// delivery state of those that were sent. NocoBase's log is told what failed.
pub async fn follow_up(app: Arc<AppState>) {
    if let Err(error) = messengers::follow_up(app.messengers(), &app.clock).await {
        log::warn!(
            "what became of messages is not known: {error}",
            error = Chain(&error)
        );
    }
    if let Some(desk) = app.desk()
        && let Err(error) = mirror::report(&app.store, &app.clock, desk).await
    {
        log::warn!(
            "NocoBase's log is not told what became of messages: {error}",
            error = Chain(&error)
        );
    }
}
