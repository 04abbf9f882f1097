//! Finishes renames of authenticators that were cut off between NocoBase and the gateway.

use std::sync::Arc;

use super::report;
use crate::domain::authenticator;
use crate::state::AppState;

/// One step of the worker.
pub async fn finish(app: Arc<AppState>) {
    if !app.config.gateway.is_on() {
        return;
    }
    match authenticator::finish_interrupted_renames(&app.store, &app.clock).await {
        Ok(finished) => {
            for name in finished {
                log::warn!(
                    "the authenticator {name} has its bindings again, which had its old name. If it has a source on \
                     NocoBase's page «Synchronize», or channels of NocoBase's notifications, save them again"
                );
            }
        }
        Err(error) => {
            let what = "bindings of a renamed authenticator may have its old name";
            report(&app, what, &error);
        }
    }
}
