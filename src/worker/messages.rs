//! What becomes of messages after they were sent, or could not be sent.

use std::sync::Arc;

use super::report;
use crate::chain::Chain;
use crate::domain::messengers::Resumed;
use crate::domain::{forwarding, messengers, plugin};
use crate::state::AppState;

/// One step of a worker: settles messages whose call was interrupted, and sends those that wait.
pub async fn send_waiting(app: Arc<AppState>) {
    match messengers::send_waiting(app.messengers(), &app.clock).await {
        Ok(resumed) => arrived(&app, resumed).await,
        Err(error) => report(&app, "messages that wait are not sent", &error),
    }
}

/// One step of a worker: asks for the delivery state of messages that were sent. It has a task of its own, because many
/// questions take long and messages that wait must not wait for them.
pub async fn ask_outcomes(app: Arc<AppState>) {
    let asked = messengers::ask_outcomes(app.messengers(), &app.clock).await;
    if let Err(error) = asked {
        report(&app, "what became of messages is not known", &error);
    }
}

/// One step of a worker: tells NocoBase's log of messages that did not arrive. NocoBase may take long to answer.
pub async fn tell_log(app: Arc<AppState>) {
    let handling = app.providers.of_type(&plugin::manifest().auth_type);
    let (Some(notification_writer), Some(provider)) = (app.notification_writer(), handling) else {
        return;
    };
    let around = forwarding::Reporting {
        store: &app.store,
        clock: &app.clock,
        notification_writer,
        provider: provider.names().title,
    };
    if let Err(error) = forwarding::report(around).await {
        let what = "NocoBase's log is not told what became of messages";
        report(&app, what, &error);
    }
}

/// Counts messages that had waited, and takes copies of them out of NocoBase's inbox.
async fn arrived(app: &AppState, resumed: Resumed) {
    for (way, state) in resumed.outcomes {
        app.metrics.message(way.name(), state);
    }
    let Some(notification_writer) = app.notification_writer() else {
        return;
    };
    for copies in resumed.copies {
        if let Err(error) = notification_writer
            .remove_from_inbox(copies.account_id, &copies.ids())
            .await
        {
            log::warn!(
                "messages that arrived late stay in NocoBase's inbox, too: {}",
                Chain(&*error)
            );
        }
    }
}
