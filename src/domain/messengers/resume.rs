//! Sending what waits: the provider took nothing for a while, or a process was killed before its call.

use std::collections::HashMap;

use entity::message::Model;

use super::{Messengers, NoMessenger};
use crate::clock::Clock;
use crate::domain::message::{Attempt, Away, Copies, KeptMessage, Messenger, Way, waits};
use crate::store::{MessageState, Store, StoreError};

/// What came of messages that had waited.
#[derive(Clone, Debug, Default)]
pub struct Resumed {
    /// The way of each message that waits no more, and what became of it.
    pub outcomes: Vec<(Way, String)>,
    /// Copies of those that have arrived.
    pub copies: Vec<Copies>,
}

/// Rows of one send.
struct Waiting {
    rows: Vec<Model>,
    way: Way,
    kept: KeptMessage,
    give_up_ms: i64,
}

/// Sends to those who wait. Where a provider takes nothing, the other messages of the authenticator go on waiting
/// without a call.
pub(super) async fn resume(
    messengers: Messengers<'_>,
    clock: &Clock,
    rows: Vec<Model>,
) -> Result<Resumed, StoreError> {
    let mut resumed = Resumed::default();
    let mut away: HashMap<(String, Way), Away> = HashMap::new();
    for rows in by_send(rows) {
        let Some(waiting) = kept(messengers.store, clock, rows).await? else {
            continue;
        };
        let Some(first) = waiting.rows.first() else {
            continue;
        };
        let carrier = (first.authenticator.clone(), waiting.way);
        let known = away.get(&carrier).copied();
        if let Some(why) = send(messengers, clock, &waiting, known).await? {
            away.insert(carrier, why);
        }
        tell(messengers.store, waiting, &mut resumed).await?;
    }
    Ok(resumed)
}

/// The rows of each send, those first that wait longest.
fn by_send(rows: Vec<Model>) -> Vec<Vec<Model>> {
    let mut sends: Vec<Vec<Model>> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    for row in rows {
        let place = *places.entry(row.send_id.clone()).or_insert(sends.len());
        match sends.get_mut(place) {
            Some(rows) => rows.push(row),
            None => sends.push(vec![row]),
        }
    }
    sends
}

/// What is kept of a send. Its messages have failed when nothing is, or when it is too late.
async fn kept(
    store: &Store,
    clock: &Clock,
    rows: Vec<Model>,
) -> Result<Option<Waiting>, StoreError> {
    let Some(first) = rows.first() else {
        return Ok(None);
    };
    let row = store.waiting_send(&first.send_id).await?;
    let now = clock.now().timestamp_millis();
    let row = row.filter(|row| now <= row.give_up_ms);
    let found = row.and_then(|row| {
        let kept = KeptMessage::read(&row.content)?;
        Some((Way::named(&first.way)?, kept, row.give_up_ms))
    });
    let Some((way, kept, give_up_ms)) = found else {
        fail(store, &rows, "interrupted").await?;
        return Ok(None);
    };
    Ok(Some(Waiting {
        rows,
        way,
        kept,
        give_up_ms,
    }))
}

/// Sends to who waits for one message. Gives why the provider takes nothing for now, if so.
async fn send(
    messengers: Messengers<'_>,
    clock: &Clock,
    waiting: &Waiting,
    away: Option<Away>,
) -> Result<Option<Away>, StoreError> {
    let store = messengers.store;
    let Some(first) = waiting.rows.first() else {
        return Ok(None);
    };
    let messenger = match messenger(messengers, &first.authenticator, waiting.way).await {
        Ok(messenger) => messenger,
        Err(NoMessenger::Store(error)) => return Err(error),
        Err(error) => {
            log::warn!("messages that waited are not sent: {error}");
            fail(store, &waiting.rows, "disabled").await?;
            return Ok(None);
        }
    };
    let attempt = Attempt {
        store,
        clock,
        messenger: &*messenger,
        message: &waiting.kept.message,
        digest: &first.digest,
        send_id: &first.send_id,
        give_up_ms: waiting.give_up_ms,
        pauses: &[],
    };
    if let Some(why) = away {
        let users: Vec<i64> = waiting.rows.iter().map(|row| row.user_id).collect();
        attempt.postpone(&users, Some("claimed"), why).await?;
        return Ok(away);
    }
    let (receivers, away) = receivers(&attempt, first, &waiting.rows).await?;
    let sent = attempt.send_to(receivers).await?;
    Ok(sent.or(away))
}

async fn messenger(
    messengers: Messengers<'_>,
    authenticator: &str,
    way: Way,
) -> Result<Box<dyn Messenger>, NoMessenger> {
    let row = messengers.authenticator(Some(authenticator)).await?;
    messengers.messenger(&row, way).await
}

/// Who these messages are for. Whom the provider could not be asked about is asked about now.
async fn receivers(
    attempt: &Attempt<'_>,
    first: &Model,
    rows: &[Model],
) -> Result<(Vec<(i64, String)>, Option<Away>), StoreError> {
    let store = attempt.store;
    let mut known = Vec::new();
    let mut unknown = Vec::new();
    for row in rows {
        match &row.receiver {
            Some(receiver) => known.push((row.user_id, receiver.clone())),
            None => unknown.push(row.user_id),
        }
    }
    let bindings = if unknown.is_empty() {
        HashMap::new()
    } else {
        let authenticator = &first.authenticator;
        store.bindings_among(authenticator, &unknown).await?
    };
    let mut away: Option<Away> = None;
    for user_id in unknown {
        if let Some(why) = away {
            attempt.postpone(&[user_id], Some("claimed"), why).await?;
            continue;
        }
        let found = match bindings.get(&user_id) {
            Some(binding) => attempt.messenger.receiver(binding).await,
            None => Ok(None),
        };
        let (state, reason) = match found {
            Ok(Some(receiver)) => {
                store
                    .note_receiver(&first.send_id, user_id, &receiver)
                    .await?;
                known.push((user_id, receiver));
                continue;
            }
            Ok(None) if bindings.contains_key(&user_id) => ("left", None),
            Ok(None) => ("notBound", None),
            Err(error) => {
                log::info!("who account {user_id} is could not be asked: {error}");
                if let Some(pause) = error.failed.pause() {
                    let why = (pause, error.reason);
                    attempt.postpone(&[user_id], Some("claimed"), why).await?;
                    away = Some(why);
                    continue;
                }
                ("failed", Some(error.reason))
            }
        };
        write(store, &first.send_id, &[user_id], state, reason).await?;
    }
    Ok((known, away))
}

/// Tells what became of messages that wait no more.
async fn tell(store: &Store, waiting: Waiting, resumed: &mut Resumed) -> Result<(), StoreError> {
    let Some(first) = waiting.rows.first() else {
        return Ok(());
    };
    let now = store.messages_of(&first.send_id).await?;
    if !now.iter().any(|row| waits(&row.state)) {
        store.forget_content(&first.send_id).await?;
    }
    let waited = |row: &&Model| waiting.rows.iter().any(|old| old.user_id == row.user_id);
    let ended = now.iter().filter(waited).filter(|row| !waits(&row.state));
    let ended: HashMap<i64, &str> = ended.map(|row| (row.user_id, row.state.as_str())).collect();
    let outcomes = ended
        .values()
        .map(|state| (waiting.way, (*state).to_owned()));
    resumed.outcomes.extend(outcomes);
    if let Some(mut copies) = waiting.kept.copies {
        copies
            .rows
            .retain(|(user_id, _)| ended.get(user_id) == Some(&"sent"));
        if !copies.rows.is_empty() {
            resumed.copies.push(copies);
        }
    }
    Ok(())
}

async fn fail(store: &Store, rows: &[Model], reason: &'static str) -> Result<(), StoreError> {
    let Some(first) = rows.first() else {
        return Ok(());
    };
    let users: Vec<i64> = rows.iter().map(|row| row.user_id).collect();
    write(store, &first.send_id, &users, "failed", Some(reason)).await
}

async fn write(
    store: &Store,
    send_id: &str,
    users: &[i64],
    state: &'static str,
    reason: Option<&'static str>,
) -> Result<(), StoreError> {
    let to = MessageState {
        state,
        reason,
        ..MessageState::default()
    };
    let was = Some("claimed");
    store
        .write_messages(send_id, users, was, to)
        .await
        .map(|_| ())
}
