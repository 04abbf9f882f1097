//! Asks the provider for callbacks that it could not deliver while this server was unreachable.

use std::sync::Arc;
use std::time::Duration;

use entity::directory_source;
use entity::event::Transport;
use tokio::time::sleep;

use crate::domain::directory::source::SourceError;
use crate::domain::directory::{EventMode, ReadError, keep_all};
use crate::domain::events::Event;
use crate::state::AppState;
use crate::store::StoreError;
use crate::worker::report;

/// The most lists of missed callbacks that one step reads for a source.
const LISTS: usize = 100;

/// The pause before a list is stored again when that failed.
const PAUSE: Duration = Duration::from_secs(2);

/// Why missed callbacks could not be read.
#[derive(Debug, thiserror::Error)]
enum MissedError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Source(#[from] SourceError),
    #[error(transparent)]
    Read(#[from] ReadError),
}

/// One step of the worker: stores the missed callbacks of each source that receives callbacks.
pub async fn ask_for_missed(app: Arc<AppState>) {
    let by_callback = |mode| mode == EventMode::Callback;
    for source in &super::hearing(&app, by_callback).await {
        if let Err(error) = of_source(&app, source).await {
            report(&app, "missed callbacks cannot be read", &error);
        }
    }
}

async fn of_source(app: &AppState, row: &directory_source::Model) -> Result<(), MissedError> {
    let source = app.source_loader().source(row).await?;
    for _ in 0..LISTS {
        let missed = source.directory.missed_events().await?;
        store(app, row.authenticator_id, &missed.events).await?;
        if !missed.has_more {
            break;
        }
    }
    Ok(())
}

/// Stores a list. The provider forgets what it has given, so this is tried until it succeeds or the server shuts down.
async fn store(app: &AppState, authenticator: i64, events: &[Event]) -> Result<(), StoreError> {
    loop {
        match keep_all(&app.store, authenticator, Transport::Callback, events).await {
            Ok(kept) => {
                for kept in kept {
                    app.metrics.events.received("missed", kept.name());
                }
                return Ok(());
            }
            Err(error) if app.is_ending() => return Err(error),
            Err(error) => report(app, "missed callbacks are not stored yet", &error),
        }
        sleep(PAUSE).await;
    }
}
