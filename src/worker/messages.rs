//! Follows up on messages that were sent: the provider is asked whether they were delivered.

use std::sync::Arc;

use super::report;
use crate::domain::{forwarding, messengers, plugin};
use crate::state::AppState;
use crate::store::StoreError;

/// One step of the worker: settles messages whose sending was interrupted, and asks for the
/// delivery state of those that were sent. NocoBase's log is told what failed.
pub async fn follow_up(app: Arc<AppState>) {
    if let Err(error) = messengers::follow_up(app.messengers(), &app.clock).await {
        report(&app, "what became of messages is not known", &error);
    }
    if let Err(error) = tell_log(&app).await {
        let what = "NocoBase's log is not told what became of messages";
        report(&app, what, &error);
    }
}

/// Tells NocoBase's log of messages that did not arrive.
async fn tell_log(app: &AppState) -> Result<(), StoreError> {
    let own = app.providers.of_type(&plugin::manifest().auth_type);
    let (Some(desk), Some(provider)) = (app.desk(), own) else {
        return Ok(());
    };
    let around = forwarding::Reporting {
        store: &app.store,
        clock: &app.clock,
        desk,
        provider: provider.names().title,
    };
    forwarding::report(around).await
}
