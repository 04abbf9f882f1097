//! Processes the queue of directory events, which receivers of events have stored.

mod missed_callbacks;
mod settle;

pub use missed_callbacks::ask_for_missed;

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Weak};
use std::time::Duration;

use chrono::TimeDelta;
use entity::directory_run::State;
use entity::event::Subject;
use entity::{directory_source, event};
use serde::Deserialize;
use tokio::task::JoinHandle;
use tokio::time::sleep;

use super::report;
use crate::domain::directory::partial::{NamedPerson, PartialError, PartialRun, Settled};
use crate::domain::directory::run::{BeginError, Purpose};
use crate::domain::directory::{EventMode, Key, event_mode, hears};
use crate::domain::lease::{HeldLease, hold_for_events};
use crate::state::AppState;
use crate::state::directory_runs::run_to_end;
use crate::store::StoreError;
use settle::{EventOutcome, reported, settle, worse};

/// The most events that are processed together.
const BATCH: u64 = 100;
/// The pause between two looks for events that are due.
const PAUSE: Duration = Duration::from_secs(1);
/// How long events are kept after they were settled.
const KEPT: TimeDelta = TimeDelta::days(7);

/// Why events could not be processed.
#[derive(Debug, thiserror::Error)]
enum WorkError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Partial(#[from] PartialError),
    #[error("another process took over")]
    LeaseLost,
}

/// Processes the events that are due, until the server shuts down. Each source has a task of its own, so that a full
/// run of one, which takes minutes, does not hold up the events of another.
pub(super) async fn keep_processing(app: Weak<AppState>) {
    let mut tasks: HashMap<i64, JoinHandle<()>> = HashMap::new();
    while let Some(app) = app.upgrade().filter(|app| !app.is_ending()) {
        tasks.retain(|_, task| !task.is_finished());
        for source in hearing(&app, |_| true).await {
            let begin = || tokio::spawn(process(app.clone(), source.id));
            tasks.entry(source.id).or_insert_with(begin);
        }
        drop(app);
        sleep(PAUSE).await;
    }
}

/// Processes the events of a source that are due.
async fn process(app: Arc<AppState>, source_id: i64) {
    if let Err(error) = of_source(&app, source_id).await {
        report(&app, "events of a directory were not processed", &error);
    }
}

/// The enabled sources that receive events in one of the given ways. The list is empty when the
/// database cannot be read; the next step tries again.
async fn hearing(
    app: &AppState,
    is_looked_for: impl Fn(EventMode) -> bool,
) -> Vec<directory_source::Model> {
    match app.store.directory_sources().await {
        Ok(mut sources) => {
            sources.retain(|source| {
                source.enabled && hears(source) && is_looked_for(event_mode(source))
            });
            sources
        }
        Err(error) => {
            report(
                app,
                "the sources that receive events cannot be read",
                &error,
            );
            Vec::new()
        }
    }
}

/// One step of the worker: removes events that were settled long ago, and has those processed that wait since the clock was
/// ahead.
pub async fn forget_old(app: Arc<AppState>) {
    if let Err(error) = app.store.turn_events_back().await {
        report(&app, "events that wait for too long were not found", &error);
    }
    let before = app.clock.now() - KEPT;
    if let Err(error) = app.store.forget_old_events(before).await {
        report(&app, "old events were not removed", &error);
    }
}

/// Processes the events of a source batch by batch, until none is due. The source is read anew for each batch, because
/// somebody may have changed its options during a long run.
async fn of_source(app: &AppState, source_id: i64) -> Result<(), WorkError> {
    let store = &app.store;
    while !app.is_ending() {
        let source = store.directory_source(source_id).await?;
        let Some(source) = &source.filter(|source| source.enabled && hears(source)) else {
            return Ok(());
        };
        let due = store.due_events(source.authenticator_id, 1).await?;
        if due.is_empty() {
            return Ok(());
        }
        let Some(held) = hold_for_events(store, source.id).await? else {
            // A run of this source is in progress. The events stay due, so a later step processes
            // them.
            return Ok(());
        };
        let worked = tokio::select! {
            worked = batch(app, source, &held) => worked,
            () = held.renew_until_lost() => Err(WorkError::LeaseLost),
        };
        held.release().await;
        let take_all = worked?;
        if !take_all.is_empty() {
            everything(app, source, take_all).await?;
        }
    }
    Ok(())
}

/// Processes one batch and returns the events that need a full run.
async fn batch(
    app: &AppState,
    row: &directory_source::Model,
    held: &HeldLease<'_>,
) -> Result<Vec<event::Model>, WorkError> {
    let store = &app.store;
    let events = store.due_events(row.authenticator_id, BATCH).await?;
    let source = match app.source_loader().source(row).await {
        Ok(source) => source,
        Err(error) => {
            let why = reported(app, "the source of events cannot be used", &error);
            return put_off(app, &events, why).await;
        }
    };
    let (authenticator, acting) = (&source.authenticator, source.acting);
    let executor = match app
        .step_executors()
        .executor(store, authenticator, acting)
        .await
    {
        Ok(executor) => executor,
        Err(error) => {
            let why = reported(app, "events of a source cannot be applied", &error);
            return put_off(app, &events, why).await;
        }
    };
    let partial = PartialRun {
        store,
        clock: &app.clock,
        executor: &*executor,
        held,
        source: &source,
    };
    let mut take_all = Vec::new();
    let (of_people, others): (Vec<_>, Vec<_>) = events
        .into_iter()
        .partition(|event| matches!(event.subject, Subject::People | Subject::Leavers));
    for event in others {
        let mut outcome = match event.subject {
            Subject::Everything => EventOutcome::Settled(Settled::Everything),
            _ => EventOutcome::Settled(Settled::Done(None)),
        };
        for key in keys(&event) {
            let settled = partial.department(&key).await;
            outcome = worse(outcome, EventOutcome::of(app, settled));
        }
        if settle(app, &event, &outcome).await? {
            take_all.push(event);
        }
    }
    people(app, &partial, of_people, &mut take_all).await?;
    Ok(take_all)
}

/// Postpones all of these events, because the source or NocoBase cannot be used now.
async fn put_off(
    app: &AppState,
    events: &[event::Model],
    why: String,
) -> Result<Vec<event::Model>, WorkError> {
    let failed = EventOutcome::Failed(why);
    for event in events {
        settle(app, event, &failed).await?;
    }
    Ok(Vec::new())
}

/// Processes events about people. Each person is processed once, however many events name them.
async fn people(
    app: &AppState,
    partial: &PartialRun<'_>,
    events: Vec<event::Model>,
    take_all: &mut Vec<event::Model>,
) -> Result<(), WorkError> {
    let mut named: Vec<NamedPerson> = Vec::new();
    let mut known: HashSet<Key> = HashSet::new();
    // The newest of several events about one person counts, because the person is read from the
    // provider as they are now.
    for event in events.iter().rev() {
        for key in keys(event).into_iter().rev() {
            if known.insert(key.clone()) {
                named.push(NamedPerson {
                    key,
                    has_left: event.subject == Subject::Leavers,
                    cause: format!("event:{}", event.event_id),
                });
            }
        }
    }
    named.reverse();
    if events.is_empty() {
        return Ok(());
    }
    let settled = match partial.people(&named).await {
        Ok(settled) => settled,
        Err(error) => {
            // They are postponed like one that fails alone. Otherwise everything that was asked for the others would be
            // asked again each second.
            let why = reported(app, "events about people were not processed", &error);
            put_off(app, &events, why).await?;
            return Ok(());
        }
    };
    let outcomes = settled.into_iter().map(|one| EventOutcome::of(app, one));
    let keys_named = named.into_iter().map(|one| one.key);
    let outcomes: HashMap<Key, EventOutcome> = keys_named.zip(outcomes).collect();
    for event in events {
        let keys = keys(&event);
        let of_event = keys.iter().filter_map(|key| outcomes.get(key));
        let outcome = of_event
            .cloned()
            .reduce(worse)
            .unwrap_or(EventOutcome::Settled(Settled::Done(None)));
        if settle(app, &event, &outcome).await? {
            take_all.push(event);
        }
    }
    Ok(())
}

/// Does one full run for all events that need one.
async fn everything(
    app: &AppState,
    source: &directory_source::Model,
    events: Vec<event::Model>,
) -> Result<(), WorkError> {
    let purpose = Purpose::Events;
    let outcome = match run_to_end(app, source, purpose, None).await {
        Ok(id) => {
            log::info!("run {id} of a directory began because of an event");
            let row = app.store.directory_run(id).await?;
            match row.filter(|row| row.state == State::Failed) {
                None => EventOutcome::Settled(Settled::Done(None)),
                Some(row) => EventOutcome::Failed(row.message.unwrap_or_else(|| row.state.name())),
            }
        }
        Err(error @ BeginError::UnderWay) => EventOutcome::Failed(error.to_string()),
        Err(BeginError::Store(error)) => return Err(error.into()),
    };
    for event in &events {
        settle(app, event, &outcome).await?;
    }
    Ok(())
}

/// The keys of the people or departments that an event names.
fn keys(event: &event::Model) -> Vec<Key> {
    let subjects: Vec<String> = Vec::deserialize(&event.subjects).unwrap_or_default();
    subjects.into_iter().map(Key::from).collect()
}
