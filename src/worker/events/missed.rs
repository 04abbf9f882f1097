//! Asks the provider for callbacks that it could not deliver while this server was unreachable.

use std::sync::Arc;

use entity::directory_source;

use crate::domain::directory::source::SourceError;
use crate::domain::directory::{EventMode, ReadError, keep};
use crate::state::AppState;
use crate::store::StoreError;
use crate::worker::directory::surroundings;
use crate::worker::report;

/// The most lists of missed callbacks that one step reads for a source.
const LISTS: usize = 100;

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
    let source = surroundings(app).source(row).await?;
    for _ in 0..LISTS {
        let missed = source.directory.missed_events().await?;
        for event in missed.events {
            let kept = keep(&app.store, row.authenticator_id, "callback", event).await?;
            app.metrics.events.received("missed", kept.name());
        }
        if !missed.has_more {
            break;
        }
    }
    Ok(())
}
