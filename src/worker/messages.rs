//! Follows up on messages: what waits is sent, and the provider is asked whether what was sent was delivered.

use std::sync::Arc;

use super::report;
use crate::domain::messengers::Resumed;
use crate::domain::{forwarding, messengers, plugin};
use crate::state::AppState;
use crate::store::StoreError;

/// One step of the worker: settles messages whose sending was interrupted, asks for the delivery state of those that were
/// sent, and sends those that wait. NocoBase's log is told what failed.
pub async fn follow_up(app: Arc<AppState>) {
    match messengers::follow_up(app.messengers(), &app.clock).await {
        Ok(resumed) => arrived(&app, resumed).await,
        Err(error) => report(&app, "what became of messages is not known", &error),
    }
    if let Err(error) = tell_log(&app).await {
        let what = "NocoBase's log is not told what became of messages";
        report(&app, what, &error);
    }
}

/// Counts messages that had waited, and takes copies of them out of NocoBase's inbox.
async fn arrived(app: &AppState, resumed: Resumed) {
    for (way, state) in resumed.outcomes {
        app.metrics.message(way.name(), state);
    }
    let Some(desk) = app.desk() else {
        return;
    };
    for copies in resumed.copies {
        if let Err(error) = desk.take_out(copies.account_id, &copies.ids()).await {
            log::warn!("messages that arrived late stay in NocoBase's inbox, too: {error}");
        }
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
