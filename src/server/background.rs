//! What the server does in the background, for as long as it runs.

use std::sync::{Arc, Weak};

use crate::background_task::keep;
use crate::chain::Chain;
use crate::domain::reconciliation::Reconciliation;
use crate::domain::sign_in_counts;
use crate::domain::{audit, message};
use crate::state::AppState;
use crate::store::StoreError;

/// Starts all background tasks.
pub(super) fn start(app: &Arc<AppState>) {
    keep("removing old rows", app, tidy_daily);
    keep("comparing the lookup tables", app, keep_lookups);
}

/// Removes old rows of the audit trail and of sessions, at the start and once a day.
async fn tidy_daily(app: Weak<AppState>) {
    while let Some(app) = app.upgrade() {
        audit::tidy(&app.store, &app.clock, app.config.audit.audit_days).await;
        count_sign_ins(&app).await;
        forget_old_sessions(&app).await;
        forget_old_messages(&app).await;
        drop(app);
        audit::pause_for_a_day().await;
    }
}

/// Counts the sign-ins of past hours. If that fails, the next request for the counts repeats it.
async fn count_sign_ins(app: &AppState) {
    if let Err(error) = sign_in_counts::settle(&app.store, app.clock.now()).await {
        log::log!(
            app.level_of_failure(log::Level::Warn),
            "sign-ins of the last days are not counted yet: {error}",
            error = Chain(&error)
        );
    }
}

/// Compares the lookup tables with their originals, regularly and on request.
async fn keep_lookups(app: Weak<AppState>) {
    let Some(providers) = app.upgrade().map(|app| app.providers.clone()) else {
        return;
    };
    let mut reconciliation = Reconciliation::new(providers);
    while let Some(app) = app.upgrade() {
        let coverage = app.store.coverage().clone();
        let pause = reconciliation.advance(&app.store).await;
        drop(app);
        pause.wait(&coverage).await;
    }
}

/// Removes records of sessions that are over.
async fn forget_old_sessions(app: &AppState) {
    let outcome = app.sessions.forget_old(&app.store).await;
    report_removal(app, "records of sessions that are over", outcome);
}

/// Removes records of old messages.
async fn forget_old_messages(app: &AppState) {
    let outcome = message::forget_old(&app.store, &app.clock).await;
    report_removal(app, "records of old messages", outcome);
}

/// Reports in the log what came of a removal. When the server stops meanwhile, nothing is reported, and the next
/// start does the rest.
fn report_removal(app: &AppState, what: &str, outcome: Result<u64, StoreError>) {
    match outcome {
        Ok(0) => {}
        Ok(removed) => log::info!("removed {removed} {what}"),
        Err(error) => log::log!(
            app.level_of_failure(log::Level::Error),
            "{what} are still there: {error}",
            error = Chain(&error)
        ),
    }
}
