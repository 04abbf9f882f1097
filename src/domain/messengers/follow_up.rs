//! What became of messages, some seconds and some minutes later.

use std::collections::HashMap;

use entity::message::{Model, State};

use super::Messengers;
use super::resume::{Resumed, resume};
use crate::clock::Clock;
use crate::domain::message::{Messenger, Outcome, Way, undelivered};
use crate::store::{MessageState, Store, StoreError};

/// Messages that one step looks at.
const MOST: u64 = 1000;
/// When the outcome is asked for a second and last time, of a message that is accepted.
const SECOND_LOOK_MS: i64 = 5 * 60 * 1000;
/// Messages that are younger are asked for again.
const YOUNG_MS: i64 = 4 * 60 * 1000;

/// The messages of one call.
struct Task {
    send_id: String,
    authenticator: String,
    way: String,
    number: String,
    sent_ms: i64,
    /// The accounts, each with who it is at the provider.
    users: Vec<(i64, String)>,
}

/// One step: settles what was cut off, asks what became of what the provider has taken, and sends what waits.
pub async fn follow_up(messengers: Messengers<'_>, clock: &Clock) -> Result<Resumed, StoreError> {
    let store = messengers.store;
    let due = store.due_messages(MOST).await?;
    let mut tasks: HashMap<(String, String), Task> = HashMap::new();
    let mut cut_off: HashMap<String, Vec<i64>> = HashMap::new();
    let mut waiting = Vec::new();
    for row in due {
        match (row.state, &row.task, &row.receiver) {
            (State::Sent, Some(task), Some(receiver)) => {
                let key = (row.send_id.clone(), task.clone());
                let (user, receiver) = (row.user_id, receiver.clone());
                let task = tasks.entry(key).or_insert_with(|| Task::of(&row, task));
                task.users.push((user, receiver));
            }
            (State::Sending, ..) => cut_off.entry(row.send_id).or_default().push(row.user_id),
            (State::Claimed, ..) => waiting.push(row),
            _ => {}
        }
    }
    for (send_id, users) in cut_off {
        settle(store, &send_id, &users).await?;
    }
    for task in tasks.into_values() {
        look(messengers, clock, task).await?;
    }
    resume(messengers, clock, waiting).await
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

/// Writes down that messages of a call that was under way may have arrived: its process is gone.
async fn settle(store: &Store, send_id: &str, users: &[i64]) -> Result<(), StoreError> {
    let to = MessageState {
        reason: Some("interrupted"),
        ..MessageState::of(State::Unknown)
    };
    let was = Some(State::Sending);
    let settled = store.write_messages(send_id, users, was, to).await?;
    if settled > 0 {
        log::warn!("{settled} messages were cut off and may have arrived, or not");
    }
    Ok(())
}

/// Asks what became of the messages of one call.
async fn look(messengers: Messengers<'_>, clock: &Clock, task: Task) -> Result<(), StoreError> {
    let store = messengers.store;
    let now = clock.now().timestamp_millis();
    let is_young = now - task.sent_ms < YOUNG_MS;
    let next = is_young.then(|| now + SECOND_LOOK_MS);
    let users: Vec<i64> = task.users.iter().map(|(user_id, _)| *user_id).collect();
    let is_ours = store
        .take_task(&task.number, &task.send_id, &users, next)
        .await?;
    if !is_ours {
        return Ok(());
    }
    let Some(messenger) = messenger(messengers, &task).await? else {
        return Ok(());
    };
    match messenger.outcome(&task.number).await {
        Ok(outcome) => note(store, &task, &outcome).await,
        Err(error) => {
            log::info!("what became of messages is not known yet: {error}");
            Ok(())
        }
    }
}

/// Who carried them, unless the authenticator cannot be used any more.
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
    Ok(messengers.messenger(&row, way).await.ok())
}

/// Writes down what became of messages. Who is not named in the outcome is waited for.
async fn note(store: &Store, task: &Task, outcome: &Outcome) -> Result<(), StoreError> {
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
    for (receiver, why) in &outcome.undelivered {
        if let Some(user_id) = of(receiver) {
            let to = undelivered(*why);
            store
                .write_messages(send_id, &[user_id], Some(State::Sent), to)
                .await?;
        }
    }
    Ok(())
}
