//! Asking the provider what became of messages, some seconds and some minutes later.

use std::collections::HashMap;

use entity::message::{Model, State};

use super::{Messengers, NoMessenger};
use crate::chain::Chain;
use crate::clock::Clock;
use crate::domain::identity_provider::UnusableOptions;
use crate::domain::message::{MessageOutcome, Messenger, Reason, Way, write_undelivered};
use crate::store::{MessageState, Store, StoreError};

/// How many messages one step asks about at most.
const MOST: u64 = 1000;
/// How long after the first question the outcome is asked for a second and last time.
const SECOND_LOOK_MS: i64 = 5 * 60 * 1000;
/// A message that was sent less than this long ago is asked about again.
const YOUNG_MS: i64 = 4 * 60 * 1000;

/// The messages of one call.
struct Task {
    send_id: String,
    authenticator: String,
    way: String,
    number: String,
    sent_ms: i64,
    /// The accounts, each with the identifier of its person at the provider.
    users: Vec<(i64, String)>,
}

/// One step of the worker: asks for the outcomes of messages that the provider has accepted.
pub async fn ask_outcomes(messengers: Messengers<'_>, clock: &Clock) -> Result<(), StoreError> {
    let due = messengers.store.due_messages(State::Sent, MOST).await?;
    let mut tasks: HashMap<(String, String), Task> = HashMap::new();
    for row in due {
        if let (Some(task), Some(receiver)) = (&row.task, &row.receiver) {
            let key = (row.send_id.clone(), task.clone());
            let (user, receiver) = (row.user_id, receiver.clone());
            let task = tasks.entry(key).or_insert_with(|| Task::of(&row, task));
            task.users.push((user, receiver));
        }
    }
    for task in tasks.into_values() {
        ask_outcome(messengers, clock, task).await?;
    }
    Ok(())
}

impl Task {
    fn of(row: &Model, task: &str) -> Self {
        Self {
            send_id: row.send_id.clone(),
            authenticator: row.authenticator.clone(),
            way: row.way.clone(),
            number: task.to_owned(),
            sent_ms: row.updated_at.timestamp_millis(),
            users: Vec::new(),
        }
    }
}

/// Asks for the outcomes of the messages of one call.
async fn ask_outcome(
    messengers: Messengers<'_>,
    clock: &Clock,
    task: Task,
) -> Result<(), StoreError> {
    let store = messengers.store;
    let now = clock.now().timestamp_millis();
    let is_young = now - task.sent_ms < YOUNG_MS;
    let next = is_young.then(|| now + SECOND_LOOK_MS);
    let users: Vec<i64> = task.users.iter().map(|(user_id, _)| *user_id).collect();
    // The messenger is found first: if the database fails there, the task is still due. Once it is
    // taken for the second look, nobody looks again.
    let messenger = messenger(messengers, &task).await?;
    let is_taken = store
        .take_task(&task.number, &task.send_id, &users, next)
        .await?;
    let Some(messenger) = messenger.filter(|_| is_taken) else {
        return Ok(());
    };
    match messenger.outcome(&task.number).await {
        Ok(outcome) => note(store, &task, &outcome).await,
        Err(error) => {
            log::info!(
                "what became of messages is not known yet: {}",
                Chain(&error)
            );
            Ok(())
        }
    }
}

/// The messenger that sent them, unless the authenticator cannot be used any more.
async fn messenger(
    messengers: Messengers<'_>,
    task: &Task,
) -> Result<Option<Box<dyn Messenger>>, StoreError> {
    let Some(way) = Way::named(&task.way) else {
        return Ok(None);
    };
    let Some(row) = messengers.store.authenticator(&task.authenticator).await? else {
        return Ok(None);
    };
    match messengers.messenger(&row, way).await {
        Ok(messenger) => Ok(Some(messenger)),
        Err(NoMessenger::Store(error) | NoMessenger::Options(UnusableOptions::Store(error))) => {
            Err(error)
        }
        Err(error) => {
            log::info!(
                "what became of messages cannot be asked for: {}",
                Chain(&error)
            );
            Ok(None)
        }
    }
}

/// Stores the outcomes of messages. A message whose receiver the outcome does not name stays as it is.
async fn note(store: &Store, task: &Task, outcome: &MessageOutcome) -> Result<(), StoreError> {
    let accounts: HashMap<&str, i64> = task
        .users
        .iter()
        .map(|(user_id, receiver)| (receiver.as_str(), *user_id))
        .collect();
    let of = |receiver: &String| accounts.get(receiver.as_str()).copied();
    let delivered: Vec<i64> = outcome.delivered.iter().filter_map(of).collect();
    let to = MessageState::of(State::Delivered);
    let send_id = &task.send_id;
    store
        .write_messages(send_id, &delivered, Some(State::Sent), to)
        .await?;
    let lost = outcome.undelivered.iter();
    let lost = lost.filter_map(|(receiver, why)| Some((of(receiver)?, *why)));
    let lost: Vec<(i64, Reason)> = lost.collect();
    write_undelivered(store, send_id, Some(State::Sent), lost).await
}
