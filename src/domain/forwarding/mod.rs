//! Messages of NocoBase's inbox that also go to people at a provider.
//!
//! Of each message to somebody NocoBase makes a row. Those of forwarded channels are taken, each by one process and once,
//! and sent; the row stays as it is. So people have the message in NocoBase whatever happens here.

mod after;
mod alike;
pub mod channel;
mod desk;
mod form;
mod forwarded_channel;
mod kinds;
mod look;
mod plain;
mod report;
mod send;
mod taken;
mod text;

pub use channel::ChannelOptions;
pub use desk::{Desk, DeskError};
pub use form::{channel_form, message_form};
pub use kinds::{Kind, MessageOptions};
pub use report::{Reporting, digest, report};

use std::time::Duration;

use entity::message::State;
use uuid::Uuid;

use self::forwarded_channel::{ForwardedChannel, forwarded_channels};
use self::taken::TakenRows;
use super::message::Way;
use super::messengers::Messengers;
use super::plugin;
use crate::clock::Clock;
use crate::config::Origin;
use crate::store::{Landmark, Store, StoreError};

/// The lease of whoever looks.
const LEASE: &str = "mirrored messages";
/// How long it lasts.
const LEASE_LASTS: Duration = Duration::from_mins(2);
/// How often it is renewed.
const RENEWED_MS: i64 = 45_000;
/// How often is read what administrators have set.
const READ_MS: i64 = 10_000;
/// Rows are written before they can be seen: so far back they are looked for.
const OVERLAP_MS: i64 = 60_000;
/// So far the clock of the other program may be behind ours.
const SKEW_MS: i64 = 300_000;
/// Rows of one page.
const PAGE: u64 = 500;
/// After this, it is forgotten which rows were taken.
const CLAIMS_LAST_MS: i64 = 24 * 60 * 60 * 1000;

/// Takes the messages of one process.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a fact of its own, and all of their combinations happen"
)]
pub struct Forwarder {
    holder: String,
    channels: Vec<ForwardedChannel>,
    /// When the lease was renewed.
    renewed_ms: Option<i64>,
    /// When the channels were read.
    read_ms: i64,
    /// Whether this process has the lease.
    leads: bool,
    /// Rows from before were seen, but for those that are written late.
    mark_ms: i64,
    /// Whether the log hears of what is wrong: not in each step.
    tells: bool,
    /// Messages up to this one were seen, and none of them waits.
    landmark: Option<Landmark>,
    /// Whether messages wait that could not be sent in this step.
    some_wait: bool,
    /// Whether NocoBase has a table of messages. One that was there once stays.
    has_inbox: bool,
    /// Rows that are taken.
    taken: TakenRows,
    /// How long the database has looked in this step.
    looked: Duration,
}

/// What a step needs.
#[derive(Clone, Copy)]
pub struct ForwardingContext<'a> {
    /// Who carries messages.
    pub messengers: Messengers<'a>,
    /// The time.
    pub clock: &'a Clock,
    /// Where people find the application, for addresses without a host.
    pub origin: Option<&'a Origin>,
    /// Who does in NocoBase what is left to do there, where there is one.
    pub desk: Option<&'a dyn Desk>,
}

impl Default for Forwarder {
    fn default() -> Self {
        Self {
            holder: Uuid::new_v4().to_string(),
            channels: Vec::new(),
            renewed_ms: None,
            read_ms: 0,
            leads: false,
            mark_ms: 0,
            tells: true,
            landmark: None,
            some_wait: false,
            has_inbox: false,
            taken: TakenRows::default(),
            looked: Duration::ZERO,
        }
    }
}

impl Forwarder {
    /// One step: sends what has come. Gives the way of each message, and what became of it.
    pub async fn step(
        &mut self,
        around: ForwardingContext<'_>,
    ) -> Result<Vec<(Way, State)>, StoreError> {
        self.looked = Duration::ZERO;
        let store = around.messengers.store;
        let now = around.clock.now().timestamp_millis();
        let is_stale = self
            .renewed_ms
            .is_none_or(|renewed| (now - renewed).abs() >= RENEWED_MS);
        self.tells = is_stale;
        let mut needs_landmark = is_stale;
        if is_stale {
            self.renew(store, now).await?;
        } else if self.leads && (now - self.read_ms).abs() >= READ_MS {
            let channels = forwarded_channels(store).await?;
            needs_landmark = self.look_at(channels);
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
        let since = (self.mark_ms - OVERLAP_MS).max(first);
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
        self.taken.look_again();
        loop {
            let rows = self
                .page(store, &names, since, after.as_ref(), landmark.as_ref())
                .await?;
            let is_last = u64::try_from(rows.len()).unwrap_or(u64::MAX) < PAGE;
            after = rows
                .last()
                .map(|row| (row.receive_timestamp, row.id.clone()));
            self.send(around, rows, &mut outcomes).await?;
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

    /// Renews the lease, and reads what administrators have set. One process looks at all channels.
    async fn renew(&mut self, store: &Store, now: i64) -> Result<(), StoreError> {
        self.leads = plugin::own_is_enabled(store).await?
            && store.take_lease(LEASE, &self.holder, LEASE_LASTS).await?;
        let mut channels = Vec::new();
        if self.leads {
            store.forget_claims(now - CLAIMS_LAST_MS).await?;
            channels = forwarded_channels(store).await?;
            self.mark_ms = store.channels_mark().await?.unwrap_or_default();
        }
        self.look_at(channels);
        (self.renewed_ms, self.read_ms) = (Some(now), now);
        Ok(())
    }
}
