//! Sending one message to many people, each at most once.
//!
//! The receivers are stored before the first call, and the content for as long as somebody waits for it. So after a
//! process was killed, the rows say who may have got the message and for whom no call was made; another process sends
//! to the latter.

use std::time::Duration;

use entity::forwarded_send;
use entity::message::State;
use uuid::Uuid;

use super::attempt::{Attempt, Batch, CLAIM_MS, WAIT_MS};
use super::kept_message::{Copies, KeptMessage};
use super::{Addressee, Message, Messenger, Reason, Way, addressees};
use crate::clock::Clock;
use crate::store::{KeptContent, NewMessage, NewSend, Store, StoreError, shortened};

/// How long a message without a waiting sender may still be sent when its process was killed before the call.
const FORWARDED_WAIT_MS: i64 = 24 * 60 * 60 * 1000;
/// Pauses before further attempts while the sender waits for the answer.
const PAUSES: &[Duration] = &[Duration::from_secs(1), Duration::from_secs(3)];

/// A message that is being sent.
pub struct Sending<'a> {
    /// The store.
    pub store: &'a Store,
    /// The clock.
    pub clock: &'a Clock,
    /// The provider's messenger.
    pub messenger: &'a dyn Messenger,
    /// The authenticator: its id and its name.
    pub authenticator: (i64, &'a str),
    /// The way in which it is sent.
    pub way: Way,
    /// The message.
    pub message: &'a Message,
    /// The account that sends it, which waits for the answer.
    pub requested_by: Option<i64>,
    /// The ids of the rows in NocoBase's inbox that it comes from. Only one process can claim them.
    pub claims: &'a [String],
    /// Copies that are removed once it was sent.
    pub copies: Option<Copies>,
    /// What NocoBase's log is told about it later, if anything. It gets the id of the send.
    pub followed: Option<forwarded_send::Model>,
}

/// What became of a message to one account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// The account.
    pub user_id: i64,
    /// Whether it was sent.
    pub state: State,
    /// Why it did not arrive, or waits.
    pub reason: Option<String>,
}

impl Sending<'_> {
    /// Sends to these accounts, each of which is named once. Returns the id of the send and the outcome for each account.
    pub async fn deliver(&self, accounts: &[i64]) -> Result<(String, Vec<Delivery>), StoreError> {
        let send_id = Uuid::new_v4().to_string();
        let digest = self.message.digest();
        let (receivers, kept) = self.claim(&send_id, &digest, accounts).await?;
        let attempt = Attempt {
            store: self.store,
            clock: self.clock,
            messenger: self.messenger,
            message: self.message,
            digest: &digest,
            send_id: &send_id,
            carrier: (self.authenticator.1, self.way.name()),
            // A message whose content is not stored cannot wait.
            give_up_ms: kept.unwrap_or(i64::MIN),
            pauses: self.requested_by.map_or(&[], |_| PAUSES),
        };
        attempt.send_to(receivers).await?;
        let rows = self.store.messages_of(&send_id).await?;
        if kept.is_some() && !rows.iter().any(|row| row.state.waits()) {
            self.store.forget_content(&send_id).await?;
        }
        let outcomes = rows.into_iter().map(|row| Delivery {
            user_id: row.user_id,
            state: row.state,
            reason: row.reason,
        });
        Ok((send_id, outcomes.collect()))
    }

    /// Stores who is to get the message and who cannot. Returns the former, and until when the message is tried.
    async fn claim(
        &self,
        send_id: &str,
        digest: &str,
        accounts: &[i64],
    ) -> Result<(Batch, Option<i64>), StoreError> {
        let (authenticator, now) = (self.authenticator.1, self.now_ms());
        let (rows, receivers) = self.found(accounts, now).await?;
        let wait = self.requested_by.map_or(FORWARDED_WAIT_MS, |_| WAIT_MS);
        let kept = KeptMessage {
            message: self.message.clone(),
            copies: self.copies.clone(),
        };
        let somebody_waits = rows.iter().any(|row| row.state == State::Claimed);
        let kept = somebody_waits.then(|| kept.written()).flatten();
        let kept = kept.map(|content| KeptContent {
            content,
            give_up_ms: now + wait,
        });
        let give_up_ms = kept.as_ref().map(|kept| kept.give_up_ms);
        let followed = self.followed.clone();
        let followed = followed.map(|followed| forwarded_send::Model {
            send_id: send_id.to_owned(),
            ..followed
        });
        let send = NewSend {
            send_id: send_id.to_owned(),
            authenticator: authenticator.to_owned(),
            way: self.way.name(),
            title: shortened(self.message.title()),
            digest: digest.to_owned(),
            requested_by_id: self.requested_by,
            kept,
            followed,
        };
        self.store.claim_messages(&send, &rows, self.claims).await?;
        Ok((receivers, give_up_ms))
    }

    /// Finds out who these accounts are at the provider. When it cannot be asked at the moment, the message waits.
    async fn found(
        &self,
        accounts: &[i64],
        now: i64,
    ) -> Result<(Vec<NewMessage>, Batch), StoreError> {
        let (store, messenger) = (self.store, self.messenger);
        let found = addressees(store, messenger, self.authenticator, accounts).await?;
        let mut rows = Vec::new();
        let mut receivers = Vec::new();
        for (user_id, addressee) in found {
            let (state, reason) = addressee.end().unwrap_or((State::Claimed, None));
            let mut row = NewMessage {
                user_id,
                receiver: None,
                state,
                reason: reason.map(Reason::name),
                due_ms: None,
            };
            match addressee {
                Addressee::Known(receiver) => {
                    row.due_ms = Some(now + CLAIM_MS);
                    receivers.push((user_id, receiver.clone()));
                    row.receiver = Some(receiver);
                }
                Addressee::Away((_, reason)) => {
                    (row.reason, row.due_ms) = (Some(reason.name()), Some(now));
                }
                Addressee::NotBound | Addressee::Left | Addressee::Refused(_) => {}
            }
            rows.push(row);
        }
        Ok((rows, receivers))
    }

    fn now_ms(&self) -> i64 {
        self.clock.now().timestamp_millis()
    }
}
