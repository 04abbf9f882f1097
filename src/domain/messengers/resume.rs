//! Sending messages that wait, because the provider accepted nothing for a while or a process was killed before its call.

use std::collections::HashMap;

use entity::authenticator;
use entity::message::{Model, State};

use super::{Messengers, NoMessenger};
use crate::chain::Chain;
use crate::clock::Clock;
use crate::domain::message::{
    Addressee, Attempt, Batch, Copies, KeptMessage, Postponed, Reason, Way, addressees,
};
use crate::store::{MessageState, Store, StoreError};

/// How many messages of each state one step reads at most.
const MOST: u64 = 1000;

/// The results of messages that had waited.
#[derive(Clone, Debug, Default)]
pub struct Resumed {
    /// The way and the state of each message that no longer waits.
    pub outcomes: Vec<(Way, State)>,
    /// Copies of those that were sent.
    pub copies: Vec<Copies>,
}

/// The waiting messages of one send.
struct Waiting {
    send_id: String,
    authenticator: String,
    digest: String,
    way: Way,
    rows: Vec<Model>,
    kept: KeptMessage,
    give_up_ms: i64,
}

/// One step of the worker: settles messages whose call was cut off, and sends those that wait. When a provider accepts
/// nothing, the other messages of the authenticator go on waiting without a call.
pub async fn send_waiting(
    messengers: Messengers<'_>,
    clock: &Clock,
) -> Result<Resumed, StoreError> {
    let store = messengers.store;
    for rows in by_send(store.due_messages(State::Sending, MOST).await?) {
        settle_cut_off(store, &rows).await?;
    }
    let mut rows = store.due_messages(State::Claimed, MOST).await?;
    // They are sent in the order in which they came, not in that of their due times.
    rows.sort_by_key(|row| row.id);
    let mut resumed = Resumed::default();
    let mut away: HashMap<(String, Way), Postponed> = HashMap::new();
    for rows in by_send(rows) {
        let Some(waiting) = kept(store, clock, rows).await? else {
            continue;
        };
        let carrier = (waiting.authenticator.clone(), waiting.way);
        let known = away.get(&carrier).copied();
        if let Some(why) = send(messengers, clock, &waiting, known).await? {
            away.insert(carrier, why);
        }
        tell(store, waiting, &mut resumed).await?;
    }
    Ok(resumed)
}

/// Groups rows by their send, in their order.
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

/// Records that messages may have arrived, because the process that was sending them is gone.
async fn settle_cut_off(store: &Store, rows: &[Model]) -> Result<(), StoreError> {
    let Some(first) = rows.first() else {
        return Ok(());
    };
    let to = MessageState {
        reason: Some(Reason::Interrupted.name()),
        ..MessageState::of(State::Unknown)
    };
    let was = Some(State::Sending);
    let users = users(rows);
    let settled = store
        .write_messages(&first.send_id, &users, was, to)
        .await?;
    if settled > 0 {
        log::warn!("{settled} messages were cut off and may have arrived, or not");
    }
    Ok(())
}

/// Reads the stored content of a send. When there is none, or it is too late, its messages fail.
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
        let end = (State::Failed, Some(Reason::Interrupted));
        write(store, &first.send_id, &users(&rows), end).await?;
        return Ok(None);
    };
    Ok(Some(Waiting {
        send_id: first.send_id.clone(),
        authenticator: first.authenticator.clone(),
        digest: first.digest.clone(),
        way,
        rows,
        kept,
        give_up_ms,
    }))
}

/// Sends one message to those who wait for it. Returns why the provider accepts nothing at the moment, if it does not.
async fn send(
    messengers: Messengers<'_>,
    clock: &Clock,
    waiting: &Waiting,
    away: Option<Postponed>,
) -> Result<Option<Postponed>, StoreError> {
    let store = messengers.store;
    let (authenticator, messenger) = match messengers
        .carrier(Some(&waiting.authenticator), waiting.way)
        .await
    {
        Ok(found) => found,
        Err(NoMessenger::Store(error)) => return Err(error),
        Err(error) => {
            log::warn!("messages that waited are not sent: {}", Chain(&error));
            let end = (State::Failed, Some(Reason::Disabled));
            write(store, &waiting.send_id, &users(&waiting.rows), end).await?;
            return Ok(None);
        }
    };
    let attempt = Attempt {
        store,
        clock,
        messenger: &*messenger,
        message: &waiting.kept.message,
        digest: &waiting.digest,
        send_id: &waiting.send_id,
        carrier: (&waiting.authenticator, waiting.way.name()),
        give_up_ms: waiting.give_up_ms,
        pauses: &[],
    };
    if let Some(why) = away {
        let users = users(&waiting.rows);
        attempt.postpone(&users, Some(State::Claimed), why).await?;
        return Ok(away);
    }
    let (receivers, away) = receivers(&attempt, authenticator, &waiting.rows).await?;
    let sent = attempt.send_to(receivers).await?;
    Ok(sent.or(away))
}

/// Finds out who these messages are for by now. The messages of people who cannot get them any more end here.
async fn receivers(
    attempt: &Attempt<'_>,
    authenticator: authenticator::Model,
    rows: &[Model],
) -> Result<(Batch, Option<Postponed>), StoreError> {
    let (store, send_id) = (attempt.store, attempt.send_id);
    let authenticator = (authenticator.id, authenticator.name.as_str());
    let found = addressees(store, attempt.messenger, authenticator, &users(rows)).await?;
    let kept: HashMap<i64, &str> = rows
        .iter()
        .filter_map(|row| Some((row.user_id, row.receiver.as_deref()?)))
        .collect();
    let mut known = Vec::new();
    let mut away = None;
    for (user_id, addressee) in found {
        if let Some(end) = addressee.end() {
            write(store, send_id, &[user_id], end).await?;
        }
        match addressee {
            Addressee::Known(receiver) => {
                if kept.get(&user_id) != Some(&receiver.as_str()) {
                    store.note_receiver(send_id, user_id, &receiver).await?;
                }
                known.push((user_id, receiver));
            }
            Addressee::Away(why) => {
                attempt
                    .postpone(&[user_id], Some(State::Claimed), why)
                    .await?;
                away = Some(why);
            }
            Addressee::NotBound | Addressee::Left | Addressee::Refused(_) => {}
        }
    }
    Ok((known, away))
}

/// Adds the messages that no longer wait to the results.
async fn tell(store: &Store, waiting: Waiting, resumed: &mut Resumed) -> Result<(), StoreError> {
    let now = store.messages_of(&waiting.send_id).await?;
    if !now.iter().any(|row| row.state.waits()) {
        store.forget_content(&waiting.send_id).await?;
    }
    let waited = |row: &&Model| waiting.rows.iter().any(|old| old.user_id == row.user_id);
    let ended = now.iter().filter(waited).filter(|row| !row.state.waits());
    let ended: HashMap<i64, State> = ended.map(|row| (row.user_id, row.state)).collect();
    let outcomes = ended.values().map(|state| (waiting.way, *state));
    resumed.outcomes.extend(outcomes);
    let copies = waiting.kept.copies;
    let arrived =
        copies.and_then(|all| all.of_those(|user| ended.get(&user) == Some(&State::Sent)));
    resumed.copies.extend(arrived);
    Ok(())
}

fn users(rows: &[Model]) -> Vec<i64> {
    rows.iter().map(|row| row.user_id).collect()
}

/// Ends waiting messages with a state and a reason.
async fn write(
    store: &Store,
    send_id: &str,
    users: &[i64],
    (state, reason): (State, Option<Reason>),
) -> Result<(), StoreError> {
    let to = MessageState {
        reason: reason.map(Reason::name),
        ..MessageState::of(state)
    };
    let was = Some(State::Claimed);
    store
        .write_messages(send_id, users, was, to)
        .await
        .map(|_| ())
}
