//! Reads pages of the inbox, and measures how long the database takes for it.

use std::time::{Duration, Instant};

use super::forwarded_channel::ForwardedChannel;
use super::{Forwarder, PAGE};
use crate::store::{InboxMessage, Landmark, Store, StoreError};

impl Forwarder {
    /// Replaces the channels whose messages are forwarded. Returns true when one of them is new: its older messages may be
    /// before the landmark, so another landmark is needed.
    pub(super) fn watch_channels(&mut self, channels: Vec<ForwardedChannel>) -> bool {
        let is_known =
            |new: &ForwardedChannel| self.channels.iter().any(|old| old.channel == new.channel);
        let is_some_new = !channels.iter().all(is_known);
        if is_some_new {
            self.landmark = None;
        }
        self.channels = channels;
        is_some_new
    }

    /// A page of the inbox.
    pub(super) async fn page(
        &mut self,
        store: &Store,
        names: &[String],
        since: i64,
        after: Option<&(i64, String)>,
        landmark: Option<&Landmark>,
    ) -> Result<Vec<InboxMessage>, StoreError> {
        let begun = Instant::now();
        let rows = store.inbox_messages(names, since, after, landmark, PAGE);
        let rows = rows.await;
        self.looked += begun.elapsed();
        rows
    }

    /// How long the database took to read the inbox in the last step. The time for sending does not count.
    pub fn looked(&self) -> Duration {
        self.looked
    }
}
