//! Callbacks that nobody answered, while this server was away: they are asked for.

use std::sync::Arc;

use entity::directory_source;

use crate::chain::Chain;
use crate::domain::directory::source::SourceError;
use crate::domain::directory::{ReadError, keep};
use crate::state::AppState;
use crate::store::StoreError;
use crate::worker::directory::surroundings;

/// Most lists that are asked for at once.
const LISTS: usize = 100;

/// Why it is not known what was missed.
#[derive(Debug, thiserror::Error)]
enum MissedError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Source(#[from] SourceError),
    #[error(transparent)]
    Read(#[from] ReadError),
}

/// One step: asks for what could not be told to sources that hear by callback.
pub async fn ask_for_missed(app: Arc<AppState>) {
    for source in &super::hearing(&app).await {
        if let Err(error) = of_source(&app, source).await {
            let error = Chain(&error);
            log::warn!("whether callbacks were missed is not known: {error}");
        }
    }
}

async fn of_source(app: &AppState, row: &directory_source::Model) -> Result<(), MissedError> {
    let source = surroundings(app).source(row).await?;
    for _ in 0..LISTS {
        let missed = source.directory.missed_events().await?;
        for event in missed.events {
            let kept = keep(&app.store, row.authenticator_id, "callback", event).await?;
            app.metrics.directory_event("missed", kept.name());
        }
        if !missed.has_more {
            break;
        }
    }
    Ok(())
}
