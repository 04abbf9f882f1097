//! Forwards messages of NocoBase's inbox to people at a provider.
//!
//! NocoBase creates an inbox row for each message to somebody. One process claims the new rows of forwarded channels, each
//! row once, and sends them. The rows stay, so people have their messages in NocoBase whatever happens here.

mod after_send;
pub mod channel;
mod claimed_rows;
mod form;
mod forwarded_channel;
mod html_escapes;
mod inbox_page;
mod kinds;
mod lead;
mod message_key;
mod notification_writer;
mod report;
mod send;
#[cfg(test)]
mod tests;
mod text;

pub use channel::ChannelOptions;
pub use form::{channel_form, message_form};
pub use kinds::{MessageKind, MessageOptions};
pub use notification_writer::{NotificationWriter, NotificationWriterError};
pub use report::{Reporting, digest, report};

use std::time::Duration;

use entity::message::State;

use self::claimed_rows::ClaimedRows;
use self::forwarded_channel::{ForwardedChannel, forwarded_channels};
use self::lead::Lead;
use super::message::Way;
use super::messengers::Messengers;
use crate::clock::Clock;
use crate::config::Origin;
use crate::store::{Landmark, Store, StoreError};

/// How often the mark is written, old claims are forgotten, and a new landmark is found.
const KEPT_MS: i64 = 45_000;
/// How often the settings of administrators are read.
const READ_MS: i64 = 10_000;
/// How far before the mark rows are read again. NocoBase can commit a row after one with a later time.
const OVERLAP_MS: i64 = 60_000;
/// How old a message may be when it is first seen. A weekend without a gateway is shorter; of months, nobody wants to get
/// all messages at once.
const CAUGHT_UP_MS: i64 = 3 * 24 * 60 * 60 * 1000;
/// How far NocoBase's clock may be behind ours.
const SKEW_MS: i64 = 300_000;
/// Rows of one page.
const PAGE: u64 = 500;
/// How long claims are kept. Those of rows that may still be read are kept for longer.
const CLAIMS_LAST_MS: i64 = 24 * 60 * 60 * 1000;

/// Forwards messages, for one process.
#[derive(Default)]
pub struct Forwarder {
    /// Whether this process forwards.
    lead: Lead,
    channels: Vec<ForwardedChannel>,
    /// When claims and mark were last looked after; nothing before that.
    kept_ms: Option<i64>,
    /// When the channels were read.
    read_ms: i64,
    /// Inbox rows from before this moment were read, except those that NocoBase writes late.
    mark_ms: i64,
    /// Whether this step writes failures to the log, which not every step does.
    tells: bool,
    /// All messages up to this one were read, and none of them waits.
    landmark: Option<Landmark>,
    /// Whether messages wait that could not be sent in this step.
    some_wait: bool,
    /// Whether NocoBase has a table of messages. One that was there once stays.
    has_inbox: bool,
    /// Rows that are known to be claimed.
    claimed: ClaimedRows,
    /// How long the database took to read the inbox in this step.
    looked: Duration,
}

/// What a step needs.
#[derive(Clone, Copy)]
pub struct ForwardingContext<'a> {
    /// Finds who carries messages.
    pub messengers: Messengers<'a>,
    /// The time.
    pub clock: &'a Clock,
    /// Where people find the application, for addresses without a host.
    pub origin: Option<&'a Origin>,
    /// Changes NocoBase's notifications after a send. Unset without a gateway.
    pub notification_writer: Option<&'a dyn NotificationWriter>,
}

impl Forwarder {
    /// One step: sends what has come. Gives the way of each message, and what became of it.
    pub async fn step(
        &mut self,
        around: ForwardingContext<'_>,
    ) -> Result<Vec<(Way, State)>, StoreError> {
        self.looked = Duration::ZERO;
        let store = around.messengers.store;
        let now = around.now_ms();
        if !self.lead.was_held() {
            // Another process may have seen more meanwhile.
            self.kept_ms = None;
        }
        if !self.lead.hold_or_renew(store, now).await? {
            self.watch_channels(Vec::new());
            return Ok(Vec::new());
        }
        let is_stale = self
            .kept_ms
            .is_none_or(|kept| (now - kept).abs() >= KEPT_MS);
        self.tells = is_stale;
        let mut needs_landmark = is_stale;
        if is_stale {
            self.catch_up(store, now).await?;
        } else if (now - self.read_ms).abs() >= READ_MS {
            let channels = forwarded_channels(store).await?;
            needs_landmark = self.watch_channels(channels);
            self.read_ms = now;
        }
        let mut outcomes = Vec::new();
        // Nothing from before the first channel was chosen is sent, so none of it is read.
        let Some(first) = self.channels.iter().map(|row| row.started_ms).min() else {
            return Ok(outcomes);
        };
        self.has_inbox = self.has_inbox || store.has_inbox().await?;
        if !self.has_inbox {
            return Ok(outcomes);
        }
        let since = (self.mark_ms - OVERLAP_MS)
            .max(now - CAUGHT_UP_MS)
            .max(first);
        // Before the look, so that the look sees all up to it.
        let next_landmark = if needs_landmark {
            store.inbox_landmark().await?
        } else {
            None
        };
        self.some_wait = false;
        let landmark = self.landmark.clone();
        let names: Vec<String> = self
            .channels
            .iter()
            .map(|row| row.channel.clone())
            .collect();
        let mut after: Option<(i64, String)> = None;
        self.claimed.begin_step();
        loop {
            let rows = self
                .page(store, &names, since, after.as_ref(), landmark.as_ref())
                .await?;
            let is_last = u64::try_from(rows.len()).unwrap_or(u64::MAX) < PAGE;
            after = rows
                .last()
                .map(|row| (row.receive_timestamp, row.id.clone()));
            if !self.send(around, rows, &mut outcomes).await? {
                // Whoever holds the lease now begins at the mark that is kept.
                return Ok(outcomes);
            }
            if is_last {
                break;
            }
        }
        if needs_landmark && !self.some_wait {
            self.landmark = next_landmark;
        }
        let newest = after.map_or(0, |(newest, _)| newest.min(now));
        self.mark_ms = self.mark_ms.max(newest).max(now - SKEW_MS);
        if is_stale || !outcomes.is_empty() {
            store.mark_channels(self.mark_ms).await?;
        }
        Ok(outcomes)
    }

    /// Reads what administrators have set and where the last look ended, and forgets old claims.
    async fn catch_up(&mut self, store: &Store, now: i64) -> Result<(), StoreError> {
        let mut channels = forwarded_channels(store).await?;
        self.mark_ms = store.channels_mark().await?.unwrap_or_default();
        if self.mark_ms > now {
            // The clock was ahead when it was written. Nothing would be sent until that time.
            self.mark_ms = now - SKEW_MS;
            store.turn_channels_back(now, self.mark_ms).await?;
            channels = forwarded_channels(store).await?;
        }
        // After a long time off, rows that were sent before it are looked at once more.
        let looked_at = self.mark_ms - OVERLAP_MS - SKEW_MS;
        store
            .forget_claims(looked_at.min(now - CLAIMS_LAST_MS))
            .await?;
        self.watch_channels(channels);
        (self.kept_ms, self.read_ms) = (Some(now), now);
        Ok(())
    }

    /// Whether this process forwarded when it last asked.
    pub fn leads(&self) -> bool {
        self.lead.was_held()
    }

    /// Lets another process forward from now on.
    pub async fn give_up(&mut self, store: &Store) -> Result<(), StoreError> {
        self.lead.give_up(store).await
    }
}

impl ForwardingContext<'_> {
    fn now_ms(self) -> i64 {
        self.clock.now().timestamp_millis()
    }
}
