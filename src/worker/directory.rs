//! Begins the runs of directory sources that are due by their schedule, and removes sources whose authenticator is gone.

use std::sync::Arc;

use entity::directory_source;

use super::report;
use crate::chain::Chain;
use crate::domain::directory::run::{self, BeginError, Purpose};
use crate::domain::directory::{SourceOptions, remove_source};
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

/// One step of the worker: runs whose process was killed count as failed.
pub async fn end_dead_runs(app: Arc<AppState>) {
    match run::end_dead_runs(&app.store, &app.clock).await {
        Ok(0) => {}
        Ok(ended) => log::warn!("{ended} runs of directories ended together with their process"),
        Err(error) => report(
            &app,
            "whether runs of directories have ended with their process is not known",
            &error,
        ),
    }
}

async fn all_due(app: &AppState) -> Result<(), StoreError> {
    for read in app.store.directory_sources().await? {
        // The runs of the sources before this one can take hours.
        let source = app.store.directory_source(read.id).await?;
        let Some(source) = source else {
            continue;
        };
        if has_lost_authenticator(app, &source).await? || !source.enabled {
            continue;
        }
        let Some(options) = readable_options(app, &source) else {
            continue;
        };
        let last = app.store.last_directory_run(source.id).await?;
        let began = last.map(|run| run.started_at);
        let moments = began.into_iter().chain([source.updated_at]);
        if !options.schedule.is_due_after(moments, app.clock.now()) {
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

/// The options of a source. What cannot be read is reported once for each content.
fn readable_options(app: &AppState, source: &directory_source::Model) -> Option<SourceOptions> {
    let error = match SourceOptions::parse(&source.options) {
        Ok(options) => return Some(options),
        Err(error) => error,
    };
    let hint = &app.hints.unreadable_sources;
    if hint.is_due(source.id, &source.options.to_string()) {
        log::warn!(
            "the directory of authenticator {} neither runs by its schedule nor receives events until its source is \
             saved again: {}",
            source.authenticator_id,
            Chain(&error)
        );
    }
    None
}

/// Whether the authenticator of a source is gone. Then the source is removed, since its people would count as those of
/// another source for ever. NocoBase removes authenticators without asking this server. While there are none at all, a
/// backup is being restored, and nothing is removed.
async fn has_lost_authenticator(
    app: &AppState,
    source: &directory_source::Model,
) -> Result<bool, StoreError> {
    let authenticator = app.store.authenticator_by_id(source.authenticator_id);
    if authenticator.await?.is_some() {
        return Ok(false);
    }
    if app.store.authenticators().await?.is_empty() {
        return Ok(true);
    }
    match remove_source(&app.store, source.id).await {
        Ok(_) => log::info!("a directory is removed, because its authenticator is gone"),
        // It is removed by a later step.
        Err(BeginError::UnderWay) => {}
        Err(BeginError::Store(error)) => return Err(error),
    }
    Ok(true)
}
