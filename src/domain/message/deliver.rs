//! Sending one message to many people, each at most once.
//!
//! Who gets it is written down before the first call, and that a call is about to be made before each. So a
//! process that is killed leaves behind what says which people may have got something, and nobody gets it
//! twice. What DingTalk or another provider refuses was not sent and may be tried again.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::time::Duration;

use chrono::TimeDelta;
use uuid::Uuid;

use super::{Accepted, Failed, Message, Messenger, SendError, Undelivered, Way};
use crate::clock::Clock;
use crate::store::{MessageState, NewMessage, NewSend, Store, StoreError, shortened};

/// After this, a message that nobody began to send was given up by its process.
const CLAIM_MS: i64 = 10 * 60 * 1000;
/// After this, a call that says nothing was cut off.
const CALL_MS: i64 = 2 * 60 * 1000;
/// When the outcome is asked for. DingTalk's takes seconds.
const FIRST_LOOK_MS: i64 = 10 * 1000;
/// Pauses before further tries of what was not sent and may be a moment later.
const PAUSES: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(3)];

/// One message on its way.
pub struct Sending<'a> {
    /// What is kept.
    pub store: &'a Store,
    /// The time.
    pub clock: &'a Clock,
    /// Who carries it.
    pub messenger: &'a dyn Messenger,
    /// The authenticator: its id and its name.
    pub authenticator: (i64, &'a str),
    /// How it goes.
    pub way: Way,
    /// What is sent.
    pub message: &'a Message,
    /// The account that sends it.
    pub requested_by: Option<i64>,
    /// The rows that it stands for, which one process takes.
    pub claims: &'a [String],
}

/// What became of a message to one account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// The account.
    pub user_id: i64,
    /// What became of it.
    pub state: String,
    /// Why it did not arrive.
    pub reason: Option<String>,
}

/// Accounts that are sent to together, each with who it is at the provider.
type Batch = Vec<(i64, String)>;

impl Sending<'_> {
    /// Sends to these accounts, each named once. Gives the id of the send, and what became of it for each.
    pub async fn deliver(&self, accounts: &[i64]) -> Result<(String, Vec<Delivery>), StoreError> {
        let send_id = Uuid::new_v4().to_string();
        let receivers = self.claim(&send_id, accounts).await?;
        for (repetition, mut batch) in self.by_repetition(receivers).await? {
            while !batch.is_empty() {
                let rest = batch.split_off(batch.len().min(self.messenger.most_receivers()));
                self.send(&send_id, repetition, batch).await?;
                batch = rest;
            }
        }
        let rows = self.store.messages_of(&send_id).await?;
        let outcomes = rows.into_iter().map(|row| Delivery {
            user_id: row.user_id,
            state: row.state,
            reason: row.reason,
        });
        Ok((send_id, outcomes.collect()))
    }

    /// Writes down who is to get the message, and who cannot. Gives the former.
    async fn claim(&self, send_id: &str, accounts: &[i64]) -> Result<Batch, StoreError> {
        let (authenticator_id, authenticator) = self.authenticator;
        let bindings = self.store.bindings_among(authenticator, accounts).await?;
        let source = self.store.directory_source_of(authenticator_id).await?;
        let gone: HashSet<i64> = match source {
            Some(source) => self.store.gone_among(source.id, accounts).await?,
            None => Vec::new(),
        }
        .into_iter()
        .collect();
        let due = self.now_ms().saturating_add(CLAIM_MS);
        let mut rows = Vec::new();
        let mut receivers = Vec::new();
        for &user_id in accounts {
            let mut row = NewMessage {
                user_id,
                receiver: None,
                state: "notBound",
                due_ms: None,
            };
            let binding = bindings.get(&user_id);
            if binding.is_some() && gone.contains(&user_id) {
                row.state = "left";
            } else if let Some(binding) = binding {
                match self.messenger.receiver(binding).await {
                    Ok(Some(receiver)) => {
                        row.state = "claimed";
                        row.due_ms = Some(due);
                        receivers.push((user_id, receiver.clone()));
                        row.receiver = Some(receiver);
                    }
                    Ok(None) => row.state = "left",
                    Err(error) => {
                        log::warn!("who account {user_id} is could not be asked: {error}");
                        row.state = "failed";
                    }
                }
            }
            rows.push(row);
        }
        let send = NewSend {
            send_id: send_id.to_owned(),
            authenticator: authenticator.to_owned(),
            way: self.way.name(),
            title: shortened(self.message.title()),
            digest: self.message.digest(),
            requested_by_id: self.requested_by,
        };
        self.store.claim_messages(&send, &rows, self.claims).await?;
        Ok(receivers)
    }

    /// Receivers by how often they got the same today, where the provider would drop it.
    async fn by_repetition(&self, batch: Batch) -> Result<BTreeMap<usize, Batch>, StoreError> {
        let mut times = HashMap::new();
        if self.messenger.drops_repetitions() {
            let since = self.clock.now() - TimeDelta::hours(24);
            let receivers: Vec<_> = batch.iter().map(|(_, receiver)| receiver.clone()).collect();
            let digest = self.message.digest();
            times = self.store.times_sent(&digest, &receivers, since).await?;
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

    /// Sends to as many as one call takes. Where the provider knows none of several, each half is tried: one who
    /// left must not keep the message from the others.
    async fn send(&self, send_id: &str, repetition: usize, batch: Batch) -> Result<(), StoreError> {
        let mut waiting = vec![batch];
        while let Some(mut batch) = waiting.pop() {
            let users: Vec<i64> = batch.iter().map(|(user_id, _)| *user_id).collect();
            match self.call(send_id, repetition, &batch).await? {
                None => {}
                Some(Ok(accepted)) => self.accepted(send_id, &batch, accepted).await?,
                Some(Err(error)) if error.failed == Failed::UnknownReceivers && batch.len() > 1 => {
                    let written = state("claimed", None, Some(self.now_ms() + CLAIM_MS));
                    self.write(send_id, &users, written).await?;
                    waiting.push(batch.split_off(batch.len() / 2));
                    waiting.push(batch);
                }
                Some(Err(error)) => {
                    log::warn!("a message to {} people: {error}", users.len());
                    let written = match error.failed {
                        Failed::UnknownReceivers => {
                            state("left", Some(Undelivered::Unknown.name()), None)
                        }
                        Failed::ForAMoment | Failed::Refused => {
                            state("failed", Some(error.reason), None)
                        }
                        Failed::Unclear => state("unknown", Some(error.reason), None),
                    };
                    self.write(send_id, &users, written).await?;
                }
            }
        }
        Ok(())
    }

    /// Makes the call, and again while nothing was sent and it may pass. Nothing when another process has given
    /// these messages up.
    async fn call(
        &self,
        send_id: &str,
        repetition: usize,
        batch: &[(i64, String)],
    ) -> Result<Option<Result<Accepted, SendError>>, StoreError> {
        let users: Vec<i64> = batch.iter().map(|(user_id, _)| *user_id).collect();
        let receivers: Vec<String> = batch.iter().map(|(_, receiver)| receiver.clone()).collect();
        let mut pauses = PAUSES.iter();
        loop {
            self.messenger.turn(receivers.len()).await;
            let begun = state("sending", None, Some(self.now_ms() + CALL_MS));
            let is_ours = self
                .store
                .begin_to_send(send_id, &users, "claimed", begun)
                .await?;
            if !is_ours {
                return Ok(None);
            }
            let outcome = self
                .messenger
                .send(self.message, repetition, &receivers)
                .await;
            let pause = match &outcome {
                Err(error) if error.failed == Failed::ForAMoment => pauses.next(),
                _ => None,
            };
            let Some(pause) = pause else {
                return Ok(Some(outcome));
            };
            let again = state("claimed", None, Some(self.now_ms() + CLAIM_MS));
            self.write(send_id, &users, again).await?;
            tokio::time::sleep(*pause).await;
        }
    }

    /// Writes down that the provider has taken the message.
    async fn accepted(
        &self,
        send_id: &str,
        batch: &[(i64, String)],
        accepted: Accepted,
    ) -> Result<(), StoreError> {
        let refused: HashMap<_, _> = accepted.undelivered.into_iter().collect();
        let mut sent = Vec::new();
        for (user_id, receiver) in batch {
            match refused.get(receiver) {
                None => sent.push(*user_id),
                Some(why) => self.write(send_id, &[*user_id], undelivered(*why)).await?,
            }
        }
        let due = accepted
            .task
            .as_ref()
            .map(|_| self.now_ms() + FIRST_LOOK_MS);
        let written = MessageState {
            task: accepted.task,
            ..state("sent", None, due)
        };
        self.write(send_id, &sent, written).await
    }

    async fn write(
        &self,
        send_id: &str,
        users: &[i64],
        to: MessageState,
    ) -> Result<(), StoreError> {
        self.store
            .write_messages(send_id, users, None, to)
            .await
            .map(|_| ())
    }

    fn now_ms(&self) -> i64 {
        self.clock.now().timestamp_millis()
    }
}

fn state(state: &'static str, reason: Option<&'static str>, due_ms: Option<i64>) -> MessageState {
    MessageState {
        state,
        reason,
        due_ms,
        task: None,
    }
}

/// What is kept of a message that did not arrive.
pub fn undelivered(why: Undelivered) -> MessageState {
    let kept = match why {
        Undelivered::Unknown => "left",
        _ => "failed",
    };
    state(kept, Some(why.name()), None)
}
