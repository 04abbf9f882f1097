//! One attempt to send a message to those who wait for it, each at most once.
//!
//! Before each call it is recorded that the call is about to be made. A message that was surely not sent waits, and any
//! process may try it again later. A message that may have been sent is not tried again.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use chrono::TimeDelta;
use entity::message::State;

use super::{Accepted, Failed, Message, Messenger, Reason, SendError, write_undelivered};
use crate::chain::Chain;
use crate::clock::Clock;
use crate::store::{MessageState, Store, StoreError};

/// How long a process may take until it begins to send. Then another process takes the messages over, and the slow one
/// does not send them any more.
pub(super) const CLAIM_MS: i64 = 2 * 60 * 1000;
/// How long a call may take. Then it counts as cut off.
const CALL_MS: i64 = 2 * 60 * 1000;
/// How long after the call the outcome is asked for. At DingTalk it is known after some seconds.
const FIRST_LOOK_MS: i64 = 10 * 1000;
/// How long a message that was not sent is tried, from the first failure on.
pub(super) const WAIT_MS: i64 = 10 * 60 * 1000;
/// The longest pause between two tries.
const LONGEST_PAUSE_MS: i64 = 60 * 1000;

/// Accounts that one call sends to, each with the identifier of its person at the provider.
pub type Batch = Vec<(i64, String)>;

/// A message on its way to some of its receivers.
pub struct Attempt<'a> {
    /// The store.
    pub store: &'a Store,
    /// The clock.
    pub clock: &'a Clock,
    /// The provider's messenger.
    pub messenger: &'a dyn Messenger,
    /// The message.
    pub message: &'a Message,
    /// The digest of the message.
    pub digest: &'a str,
    /// The id that the messages of one send share.
    pub send_id: &'a str,
    /// The names of the authenticator and of the way.
    pub carrier: (&'a str, &'a str),
    /// When the last attempt may be made, in milliseconds since the epoch.
    pub give_up_ms: i64,
    /// Pauses before immediate further attempts, while somebody waits for the answer.
    pub pauses: &'a [Duration],
}

/// Why nothing is sent for now: the shortest pause before the next attempt, and the reason.
pub type Postponed = (Duration, Reason);

/// The pause when an earlier message to the same person waits: people get messages in the order in which they came.
const BEHIND_EARLIER: Postponed = (Duration::from_secs(5), Reason::BehindEarlier);

impl Attempt<'_> {
    /// Sends to these receivers. Returns why the provider accepts nothing at the moment, if it does not.
    pub async fn send_to(&self, receivers: Batch) -> Result<Option<Postponed>, StoreError> {
        let behind = self
            .store
            .behind_earlier(self.send_id, self.carrier, &users(&receivers))
            .await?;
        let (later, receivers): (Batch, Batch) = receivers
            .into_iter()
            .partition(|(user_id, _)| behind.contains(user_id));
        if !later.is_empty() {
            self.postpone(&users(&later), Some(State::Claimed), BEHIND_EARLIER)
                .await?;
        }
        let mut away = None;
        for (repetition, mut batch) in self.by_repetition(receivers).await? {
            while !batch.is_empty() {
                let rest = batch.split_off(batch.len().min(self.messenger.most_receivers()));
                match away {
                    None => away = self.send(repetition, batch).await?,
                    Some(why) => {
                        let was = Some(State::Claimed);
                        self.postpone(&users(&batch), was, why).await?;
                    }
                }
                batch = rest;
            }
        }
        Ok(away)
    }

    /// Lets messages wait that were surely not sent. The pauses grow with the time that they have waited, and when no
    /// time is left they fail.
    pub async fn postpone(
        &self,
        users: &[i64],
        from: Option<State>,
        (shortest, reason): Postponed,
    ) -> Result<(), StoreError> {
        let now = self.now_ms();
        let end = self.give_up_ms.min(now + WAIT_MS);
        if end < self.give_up_ms {
            self.store.give_up_at(self.send_id, end).await?;
        }
        let waited = now.saturating_add(WAIT_MS).saturating_sub(end);
        let shortest = i64::try_from(shortest.as_millis()).unwrap_or(LONGEST_PAUSE_MS);
        let next = now + waited.clamp(shortest.min(LONGEST_PAUSE_MS), LONGEST_PAUSE_MS);
        let to = if next > end {
            state(State::Failed, Some(reason), None)
        } else {
            state(State::Claimed, Some(reason), Some(next))
        };
        self.write(users, from, to).await
    }

    /// Groups receivers by how often they got the same message today, if the provider drops repetitions.
    async fn by_repetition(&self, batch: Batch) -> Result<BTreeMap<usize, Batch>, StoreError> {
        let mut times = HashMap::new();
        if self.messenger.drops_repetitions() {
            let since = self.clock.now() - TimeDelta::hours(24);
            let receivers: Vec<_> = batch.iter().map(|(_, receiver)| receiver.clone()).collect();
            let (store, digest) = (self.store, self.digest);
            times = store.times_sent(digest, &receivers, since).await?;
        }
        let mut groups: BTreeMap<usize, Batch> = BTreeMap::new();
        for (user_id, receiver) in batch {
            let repetition = times.get(&receiver).copied().unwrap_or_default();
            groups
                .entry(repetition)
                .or_default()
                .push((user_id, receiver));
        }
        Ok(groups)
    }

    /// Sends to the receivers of one call. When the provider says that it knows none of several, each half is tried:
    /// somebody who has left must not keep the message from the others.
    async fn send(&self, repetition: usize, batch: Batch) -> Result<Option<Postponed>, StoreError> {
        let mut away = None;
        let mut waiting = vec![batch];
        while let Some(mut batch) = waiting.pop() {
            let users = users(&batch);
            if let Some(why) = away {
                self.postpone(&users, Some(State::Claimed), why).await?;
                continue;
            }
            let Some((was, outcome)) = self.call(repetition, &batch).await? else {
                continue;
            };
            let error = match outcome {
                Ok(accepted) => {
                    self.accepted(&batch, accepted).await?;
                    continue;
                }
                Err(error) => error,
            };
            if let Some(pause) = error.failed.pause() {
                log::info!(
                    "a message to {} people waits: {}",
                    users.len(),
                    Chain(&error)
                );
                self.postpone(&users, was, (pause, error.reason)).await?;
                away = Some((pause, error.reason));
                continue;
            }
            if error.failed == Failed::UnknownReceivers && batch.len() > 1 {
                self.write(&users, was, self.claimed()).await?;
                waiting.push(batch.split_off(batch.len() / 2));
                waiting.push(batch);
                continue;
            }
            log::warn!("a message to {} people: {}", users.len(), Chain(&error));
            let written = match error.failed {
                Failed::UnknownReceivers => state(State::Left, Some(Reason::UnknownReceiver), None),
                Failed::Unclear => state(State::Unknown, Some(error.reason), None),
                _ => state(State::Failed, Some(error.reason), None),
            };
            self.write(&users, was, written).await?;
        }
        Ok(away)
    }

    /// Makes the call, and repeats it after a short pause while nothing was sent and the failure may pass at once.
    /// Returns the state that the messages must still have, if any, and the result of the call; none when another process
    /// has taken these messages.
    async fn call(
        &self,
        repetition: usize,
        batch: &[(i64, String)],
    ) -> Result<Option<(Option<State>, Result<Accepted, SendError>)>, StoreError> {
        let users = users(batch);
        let receivers: Vec<String> = batch.iter().map(|(_, receiver)| receiver.clone()).collect();
        let mut pauses = self.pauses.iter();
        loop {
            let turn = self.messenger.turn(receivers.len()).await;
            let (was, outcome) = if let Err(error) = turn {
                (Some(State::Claimed), Err(error))
            } else {
                let begun = state(State::Sending, None, Some(self.now_ms() + CALL_MS));
                let (store, id) = (self.store, self.send_id);
                if !store
                    .begin_to_send(id, &users, State::Claimed, begun)
                    .await?
                {
                    return Ok(None);
                }
                let call = self.messenger.send(self.message, repetition, &receivers);
                (None, call.await)
            };
            let pause = match &outcome {
                Err(error) if error.failed == Failed::ForAMoment => pauses.next(),
                _ => None,
            };
            let Some(pause) = pause else {
                return Ok(Some((was, outcome)));
            };
            self.write(&users, was, self.claimed()).await?;
            tokio::time::sleep(*pause).await;
        }
    }

    /// Records that the provider has accepted the message.
    async fn accepted(
        &self,
        batch: &[(i64, String)],
        accepted: Accepted,
    ) -> Result<(), StoreError> {
        let refused: HashMap<_, _> = accepted.undelivered.into_iter().collect();
        let (mut sent, mut slowed, mut lost) = (Vec::new(), Vec::new(), Vec::new());
        for (user_id, receiver) in batch {
            match refused.get(receiver) {
                None => sent.push(*user_id),
                Some(Reason::TooManyInAMinute) => slowed.push(*user_id),
                Some(why) => lost.push((*user_id, *why)),
            }
        }
        write_undelivered(self.store, self.send_id, None, lost).await?;
        let due = accepted
            .task
            .as_ref()
            .map(|_| self.now_ms() + FIRST_LOOK_MS);
        let written = MessageState {
            task: accepted.task,
            ..state(State::Sent, None, due)
        };
        self.write(&sent, None, written).await?;
        if slowed.is_empty() {
            return Ok(());
        }
        // The provider says that they got nothing, and takes more in the next minute.
        let why = (Duration::from_mins(1), Reason::TooManyInAMinute);
        self.postpone(&slowed, None, why).await
    }

    /// The state of messages that this process is about to send.
    fn claimed(&self) -> MessageState {
        state(State::Claimed, None, Some(self.now_ms() + CLAIM_MS))
    }

    async fn write(
        &self,
        users: &[i64],
        from: Option<State>,
        to: MessageState,
    ) -> Result<(), StoreError> {
        let (store, id) = (self.store, self.send_id);
        store.write_messages(id, users, from, to).await.map(|_| ())
    }

    fn now_ms(&self) -> i64 {
        self.clock.now().timestamp_millis()
    }
}

fn users(batch: &[(i64, String)]) -> Vec<i64> {
    batch.iter().map(|(user_id, _)| *user_id).collect()
}

fn state(state: State, reason: Option<Reason>, due_ms: Option<i64>) -> MessageState {
    MessageState {
        reason: reason.map(Reason::name),
        due_ms,
        ..MessageState::of(state)
    }
}
