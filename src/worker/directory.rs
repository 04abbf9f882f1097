//! Starts runs of directory synchronisation: those that somebody requests, and those that the
//! schedule of a source makes due.

use std::sync::Arc;
use std::time::Duration;

use entity::directory_run::{Kind, State};
use entity::directory_source;
use serde::Deserialize;
use tokio::sync::oneshot;

use super::report;
use crate::domain::directory::plan::Counts;
use crate::domain::directory::run::{BeginError, Purpose, Run};
use crate::domain::directory::source::SourceLoader;
use crate::domain::directory::{Ended, SourceOptions};
use crate::state::AppState;
use crate::store::StoreError;

/// Why no run began.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The run could not begin.
    #[error(transparent)]
    Begin(#[from] BeginError),
    /// The server is shutting down.
    #[error("the server ends")]
    Ending,
}

/// The parts of the application that a directory source needs in order to be loaded.
pub fn surroundings(app: &AppState) -> SourceLoader<'_> {
    SourceLoader {
        store: &app.store,
        vault: &app.vault,
        providers: &app.providers,
        options_key: &app.options_key,
    }
}

/// Starts a run in the background and returns its id.
pub async fn start(
    app: &Arc<AppState>,
    source: directory_source::Model,
    purpose: Purpose,
    requested_by: Option<i64>,
) -> Result<i64, StartError> {
    let (begun, hears) = oneshot::channel();
    let app = app.clone();
    tokio::spawn(async move {
        let (store, clock) = (&app.store, &app.clock);
        let run = Run::begin(store, clock, source.id, purpose, requested_by).await;
        match run {
            Err(error) => {
                let _ = begun.send(Err(error));
            }
            Ok(run) => {
                let _ = begun.send(Ok(run.row.id));
                go(&app, run, &source).await;
            }
        }
    });
    match hears.await {
        Ok(outcome) => Ok(outcome?),
        Err(_) => Err(StartError::Ending),
    }
}

/// Starts a run, waits until it has ended, and returns its id.
pub async fn run(
    app: &AppState,
    source: &directory_source::Model,
    purpose: Purpose,
    requested_by: Option<i64>,
) -> Result<i64, BeginError> {
    let run = Run::begin(&app.store, &app.clock, source.id, purpose, requested_by).await?;
    let id = run.row.id;
    Box::pin(go(app, run, source)).await;
    Ok(id)
}

async fn go(app: &AppState, run: Run<'_>, row: &directory_source::Model) {
    let begun = tokio::time::Instant::now();
    let kind = run.row.kind;
    let state = match surroundings(app).source(row).await {
        Ok(source) => {
            let (authenticator, acting) = (&source.authenticator, source.acting);
            let list = app
                .step_executors()
                .run_list()
                .filter(|_| kind == Kind::Run);
            let id = run.row.id;
            let entry = match list {
                Some(list) => list.begun(&source).await,
                None => None,
            };
            let state = match app
                .step_executors()
                .executor(&app.store, authenticator, acting)
                .await
            {
                Ok(executor) => run.go(&source, &*executor, || app.is_ending()).await,
                Err(error) => run.fail(&error.to_string()).await,
            };
            if let (Some(list), Some(entry)) = (list, entry) {
                list.ended(
                    &source,
                    entry,
                    &ended(app, id, state, begun.elapsed()).await,
                )
                .await;
            }
            state
        }
        Err(error) => run.fail(&error.to_string()).await,
    };
    app.metrics.directory_run(kind, state, begun.elapsed());
}

/// Summarises a run that has ended, for the list of runs that NocoBase shows.
async fn ended(app: &AppState, id: i64, state: State, lasted: Duration) -> Ended {
    let row = app.store.directory_run(id).await.unwrap_or_default();
    let counts = row.as_ref().map(|row| Counts::deserialize(&row.counts));
    Ended {
        state,
        counts: counts.and_then(Result::ok).unwrap_or_default(),
        message: row.and_then(|row| row.message),
        lasted,
    }
}

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
        let Ok(options) = SourceOptions::parse(&source.options) else {
            continue;
        };
        let last = app.store.last_directory_run(source.id).await?;
        let last = last.map_or(source.updated_at, |run| {
            run.started_at.max(source.updated_at)
        });
        if !options.schedule.is_due(last, app.clock.now()) {
            continue;
        }
        let agreed = None;
        match run(app, &source, Purpose::Run { agreed }, None).await {
            Ok(id) => log::info!("run {id} of a directory began by its schedule"),
            // Another process began this run first.
            Err(BeginError::UnderWay) => {}
            Err(BeginError::Store(error)) => return Err(error),
        }
    }
    Ok(())
}
