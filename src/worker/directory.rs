//! Begins the runs of directory sources that are due by their schedule.

use std::sync::Arc;

use super::report;
use crate::chain::Chain;
use crate::domain::directory::SourceOptions;
use crate::domain::directory::run::{BeginError, Purpose};
use crate::state::AppState;
use crate::state::directory_runs::run_to_end;
use crate::store::StoreError;

/// One step of the worker: runs each source that is due by its schedule, one after the other.
pub async fn run_what_is_due(app: Arc<AppState>) {
    if let Err(error) = all_due(&app).await {
        report(
            &app,
            "the directories with a schedule cannot be read",
            &error,
        );
    }
}

async fn all_due(app: &AppState) -> Result<(), StoreError> {
    for read in app.store.directory_sources().await? {
        // The runs of the sources before this one can take hours.
        let source = app.store.directory_source(read.id).await?;
        let Some(source) = source.filter(|source| source.enabled) else {
            continue;
        };
        let options = match SourceOptions::parse(&source.options) {
            Ok(options) => options,
            Err(error) => {
                let hint = &app.hints.unreadable_sources;
                if hint.is_due(source.id, &source.options.to_string()) {
                    log::warn!(
                        "the directory of authenticator {} neither runs by its schedule nor receives events \
                         until its source is saved again: {}",
                        source.authenticator_id,
                        Chain(&error)
                    );
                }
                continue;
            }
        };
        let last = app.store.last_directory_run(source.id).await?;
        let last = last.map_or(source.updated_at, |run| {
            run.started_at.max(source.updated_at)
        });
        if !options.schedule.is_due(last, app.clock.now()) {
            continue;
        }
        let agreed = None;
        match run_to_end(app, &source, Purpose::Run { agreed }, None).await {
            Ok(id) => log::info!("run {id} of a directory began by its schedule"),
            // Another process began this run first.
            Err(BeginError::UnderWay) => {}
            Err(BeginError::Store(error)) => return Err(error),
        }
    }
    Ok(())
}
