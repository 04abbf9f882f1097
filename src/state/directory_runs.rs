//! Runs of directory sources, as requests, commands and workers begin them.
//!
//! This is above the domain because a run needs much of the application: it steps through a NocoBase if there is one, it is
//! counted in the metrics, and it ends early when the server stops.

use std::sync::Arc;
use std::time::Duration;

use entity::directory_run::{Kind, State};
use entity::directory_source;
use serde::Deserialize;
use tokio::sync::oneshot;

use super::AppState;
use crate::chain::Chain;
use crate::domain::directory::Ended;
use crate::domain::directory::plan::Counts;
use crate::domain::directory::run::{BeginError, Purpose, Run};

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

/// Starts a run in the background and returns its id.
pub async fn begin_in_background(
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
                finish(&app, run, &source).await;
            }
        }
    });
    match hears.await {
        Ok(outcome) => Ok(outcome?),
        Err(_) => Err(StartError::Ending),
    }
}

/// Starts a run, waits until it has ended, and returns its id.
pub async fn run_to_end(
    app: &AppState,
    source: &directory_source::Model,
    purpose: Purpose,
    requested_by: Option<i64>,
) -> Result<i64, BeginError> {
    let run = Run::begin(&app.store, &app.clock, source.id, purpose, requested_by).await?;
    let id = run.row.id;
    Box::pin(finish(app, run, source)).await;
    Ok(id)
}

/// Takes a run that has begun to its end.
async fn finish(app: &AppState, run: Run<'_>, row: &directory_source::Model) {
    let begun = tokio::time::Instant::now();
    let kind = run.row.kind;
    let source = run.prepare(app.source_loader().source(row)).await;
    let state = match source {
        Ok(source) => {
            let (authenticator, acting) = (&source.authenticator, source.acting);
            let list = app
                .step_executors()
                .run_list()
                .filter(|_| kind == Kind::Run);
            let id = run.row.id;
            let entry = match list {
                Some(list) => run.prepare(list.begun(&source)).await,
                None => None,
            };
            let executors = app.step_executors();
            let executor = executors.executor(&app.store, authenticator, acting);
            let state = match run.prepare(executor).await {
                Ok(executor) => run.go(&source, &*executor, || app.is_ending()).await,
                Err(error) => run.fail(error.into()).await,
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
        Err(error) => run.fail(error.into()).await,
    };
    app.metrics.directory_run(kind, state, begun.elapsed());
}

/// Summarises a run that has ended, for the list of runs that NocoBase shows.
async fn ended(app: &AppState, id: i64, state: State, lasted: Duration) -> Ended {
    let row = app.store.directory_run(id).await.unwrap_or_else(|error| {
        let level = app.level_of_failure(log::Level::Warn);
        log::log!(
            level,
            "NocoBase's list of runs is not told what run {id} did: {}",
            Chain(&error)
        );
        None
    });
    let counts = row.as_ref().map(|row| Counts::deserialize(&row.counts));
    Ended {
        state,
        counts: counts.and_then(Result::ok).unwrap_or_default(),
        message: row.and_then(|row| row.message),
        lasted,
    }
}
