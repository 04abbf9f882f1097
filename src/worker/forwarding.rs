//! Sends messages of NocoBase's inbox to DingTalk as well.

use std::sync::Weak;
use std::time::Duration;

use tokio::time::timeout;

use super::report;
use crate::domain::forwarding::{Forwarder, ForwardingContext};
use crate::state::AppState;
use crate::store::StoreError;

/// The pause between two steps.
const PAUSE: Duration = Duration::from_millis(1350);
/// After a slow look, the pause is this many times as long as the database looked. It is slow when the table has no
/// index; the factor limits it to a twentieth of the database's time. How long sending took does not count: the calls
/// of a few messages would delay the next ones by minutes.
const TIMES_LONGER: u32 = 20;

/// Repeats the step until the server shuts down.
pub(super) async fn keep_sending(app: Weak<AppState>) {
    let mut forwarder = Forwarder::default();
    let Some(mut ending) = app.upgrade().map(|app| app.watch_ending()) else {
        return;
    };
    while let Some(app) = app.upgrade() {
        if app.is_ending() {
            // Otherwise the next server would wait until the lease ends.
            if let Err(error) = forwarder.give_up(&app.store).await {
                report(&app, "the lease of forwarding was not released", &error);
            }
            return;
        }
        if let Err(error) = step(&mut forwarder, &app).await {
            report(&app, "messages of NocoBase's inbox are not sent", &error);
        }
        drop(app);
        let pause = PAUSE.max(forwarder.looked() * TIMES_LONGER);
        let _ = timeout(pause, ending.changed()).await;
    }
}

/// One step: finds new inbox messages and sends them.
pub async fn step(forwarder: &mut Forwarder, app: &AppState) -> Result<(), StoreError> {
    let around = ForwardingContext {
        messengers: app.messengers(),
        clock: &app.clock,
        origin: app.config.http.app_public_url.as_ref(),
        notification_writer: app.notification_writer(),
    };
    for (way, state) in forwarder.step(around).await? {
        app.metrics.message(way.name(), state);
    }
    Ok(())
}
