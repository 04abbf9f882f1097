//! Looking into the inbox, and how long the database takes for it.

use std::time::{Duration, Instant};

use super::forwarded_channel::ForwardedChannel;
use super::{Forwarder, PAGE};
use crate::store::{InboxMessage, Landmark, Store, StoreError};

impl Forwarder {
    /// Looks at these channels from now on. Messages of a new one may stand before the landmark, so another one has to
    /// be found then, which this says.
    pub(super) fn look_at(&mut self, channels: Vec<ForwardedChannel>) -> bool {
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

    /// How long the database has looked in the last step. What was sent meanwhile does not count.
    pub fn looked(&self) -> Duration {
        self.looked
    }
}
