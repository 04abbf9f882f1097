//! Sending the rows of a page of the inbox.

use std::collections::BTreeMap;

use entity::message::State;
use futures_util::future::join_all;

use super::after::{afterwards, copies};
use super::alike::{Alike, alike, waves};
use super::{Forwarder, ForwardingContext, text};
use crate::domain::message::{Sending, Way};
use crate::domain::messengers::NoMessenger;
use crate::store::{InboxMessage, StoreError};

/// The way of each message, and what became of it.
type Outcomes = Vec<(Way, State)>;

impl Forwarder {
    /// Sends the rows of a page that nobody has taken.
    pub(super) async fn send(
        &mut self,
        around: ForwardingContext<'_>,
        rows: Vec<InboxMessage>,
        outcomes: &mut Outcomes,
    ) -> Result<(), StoreError> {
        let ids = rows.iter().map(|row| row.id.clone()).collect();
        self.taken.find_among(around.messengers.store, ids).await?;
        let mut groups: BTreeMap<Alike, Vec<InboxMessage>> = BTreeMap::new();
        for row in rows {
            let channel = self
                .channels
                .iter()
                .find(|one| one.channel == row.channel_name);
            let is_new = channel.is_some_and(|one| row.receive_timestamp >= one.started_ms);
            if is_new && !self.taken.contains(&row.id) {
                groups.entry(alike(&row)).or_default().push(row);
            }
        }
        for wave in waves(groups.into_values()) {
            let sends = wave.into_iter().map(|rows| self.send_alike(around, rows));
            // All of them end before an error is told: a call that is under way must not be cut off.
            let mut failed = None;
            for sent in join_all(sends).await {
                match sent {
                    Ok(Some(states)) => outcomes.extend(states),
                    Ok(None) => self.some_wait = true,
                    // Another process was faster.
                    Err(StoreError::Conflict(_)) => {}
                    Err(error) => failed = Some(error),
                }
            }
            if let Some(error) = failed {
                return Err(error);
            }
        }
        Ok(())
    }

    /// Sends rows that say the same. An account that has several of them gets one. Gives nothing when they wait for
    /// somebody to put something right.
    async fn send_alike(
        &self,
        around: ForwardingContext<'_>,
        rows: Vec<InboxMessage>,
    ) -> Result<Option<Outcomes>, StoreError> {
        let Some(first) = rows.first() else {
            return Ok(Some(Vec::new()));
        };
        let channel = self
            .channels
            .iter()
            .find(|one| one.channel == first.channel_name);
        let Some(channel) = channel else {
            return Ok(Some(Vec::new()));
        };
        let messengers = around.messengers;
        let found = messengers.authenticator(Some(&channel.authenticator)).await;
        let authenticator = match found {
            Ok(authenticator) => authenticator,
            Err(error) => return self.cannot(&channel.channel, error),
        };
        let way = channel.way;
        let messenger = match messengers.messenger(&authenticator, way).await {
            Ok(messenger) => messenger,
            Err(error) => return self.cannot(&channel.channel, error),
        };
        let message = text::message(first, around.origin);
        let mut accounts: Vec<i64> = rows.iter().map(|row| row.user_id).collect();
        accounts.sort_unstable();
        accounts.dedup();
        let ids: Vec<String> = rows.iter().map(|row| row.id.clone()).collect();
        let sending = Sending {
            store: messengers.store,
            clock: around.clock,
            messenger: &*messenger,
            authenticator: (authenticator.id, &authenticator.name),
            way,
            message: &message,
            requested_by: None,
            claims: &ids,
            copies: copies(channel, &rows),
        };
        let (send_id, deliveries) = sending.deliver(&accounts).await?;
        afterwards(around, channel, &rows, &send_id, &deliveries).await?;
        let states = deliveries.into_iter().map(|one| (way, one.state));
        Ok(Some(states.collect()))
    }

    /// Says that messages wait. They go out when somebody puts it right within minutes.
    fn cannot(&self, channel: &str, error: NoMessenger) -> Result<Option<Outcomes>, StoreError> {
        if let NoMessenger::Store(error) = error {
            return Err(error);
        }
        if self.tells {
            log::warn!("messages of channel {channel:?} cannot be sent: {error}");
        }
        Ok(None)
    }
}
