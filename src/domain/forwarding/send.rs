//! Sending the rows of a page of the inbox.

use std::collections::{BTreeMap, HashSet};

use entity::message::State;
use futures_util::future::join_all;

use super::after_send::{afterwards, copies, followed};
use super::forwarded_channel::ForwardedChannel;
use super::message_key::{MessageKey, message_key, waves};
use super::{Forwarder, ForwardingContext, text};
use crate::chain::Chain;
use crate::domain::message::{Delivery, Message, Sending, Way};
use crate::domain::messengers::NoMessenger;
use crate::store::{InboxMessage, StoreError};

/// Inbox rows that are sent as one message.
struct Group {
    channel: ForwardedChannel,
    message: Message,
    rows: Vec<InboxMessage>,
}

/// What was sent.
struct Sent {
    group: Group,
    deliveries: Vec<Delivery>,
}

impl Group {
    fn receivers(&self) -> HashSet<i64> {
        self.rows.iter().map(|row| row.user_id).collect()
    }
}

impl Forwarder {
    /// Sends the rows of a page that no process has claimed. False when another process forwards now.
    pub(super) async fn send(
        &mut self,
        around: ForwardingContext<'_>,
        rows: Vec<InboxMessage>,
        outcomes: &mut Vec<(Way, State)>,
    ) -> Result<bool, StoreError> {
        let ids = rows.iter().map(|row| row.id.clone()).collect();
        self.claimed
            .find_among(around.messengers.store, ids)
            .await?;
        let groups = self.groups(around, rows).into_values();
        for wave in waves(groups, Group::receivers) {
            // Many messages take longer than a lease lasts.
            if !self
                .lead
                .hold_or_renew(around.messengers.store, around.now_ms())
                .await?
            {
                return Ok(false);
            }
            let sends = wave.into_iter().map(|group| self.send_group(around, group));
            let mut failed = None;
            // All of them end before an error is told: a call that is under way must not be cut off.
            for sent in join_all(sends).await {
                match sent {
                    // One after the other: what follows writes to NocoBase, whose SQLite has one writer.
                    Ok(Some(Sent { group, deliveries })) => {
                        afterwards(around, &group.channel, &group.rows, &deliveries).await;
                        let way = group.channel.way;
                        outcomes.extend(deliveries.iter().map(|one| (way, one.state)));
                    }
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
        Ok(true)
    }

    /// New rows of chosen channels, those together that say the same.
    fn groups(
        &self,
        around: ForwardingContext<'_>,
        rows: Vec<InboxMessage>,
    ) -> BTreeMap<MessageKey, Group> {
        let mut groups: BTreeMap<MessageKey, Group> = BTreeMap::new();
        for row in rows {
            let mut channels = self.channels.iter();
            let Some(channel) = channels.find(|one| one.channel == row.channel_name) else {
                continue;
            };
            if row.receive_timestamp < channel.started_ms || self.claimed.contains(&row.id) {
                continue;
            }
            let group = groups.entry(message_key(&row)).or_insert_with(|| Group {
                channel: channel.clone(),
                message: text::message(&row, around.origin),
                rows: Vec::new(),
            });
            group.rows.push(row);
        }
        groups
    }

    /// Sends rows that say the same. An account that has several of them gets one. Gives nothing when they wait for
    /// somebody to put something right.
    async fn send_group(
        &self,
        around: ForwardingContext<'_>,
        group: Group,
    ) -> Result<Option<Sent>, StoreError> {
        let (messengers, channel) = (around.messengers, &group.channel);
        let found = messengers.carrier(Some(&channel.authenticator), channel.way);
        let (authenticator, messenger) = match found.await {
            Ok(carrier) => carrier,
            Err(NoMessenger::Store(error)) => return Err(error),
            Err(error) => {
                // They go out when somebody puts it right within minutes.
                if self.tells {
                    let name = &channel.channel;
                    log::warn!(
                        "messages of channel {name:?} cannot be sent: {}",
                        Chain(&error)
                    );
                }
                return Ok(None);
            }
        };
        let mut accounts: Vec<i64> = group.receivers().into_iter().collect();
        accounts.sort_unstable();
        let ids: Vec<String> = group.rows.iter().map(|row| row.id.clone()).collect();
        let sending = Sending {
            store: messengers.store,
            clock: around.clock,
            messenger: &*messenger,
            authenticator: (authenticator.id, &authenticator.name),
            way: channel.way,
            message: &group.message,
            requested_by: None,
            claims: &ids,
            copies: copies(channel, &group.rows),
            followed: followed(around, channel, &group.rows),
        };
        let (_, deliveries) = sending.deliver(&accounts).await?;
        Ok(Some(Sent { group, deliveries }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::identity_provider::Providers;
    use crate::domain::messengers::Messengers;
    use crate::domain::test_installation::TestInstallation;

    fn channel(name: &str) -> ForwardedChannel {
        ForwardedChannel {
            channel: name.to_owned(),
            is_product_channel: false,
            authenticator: "company".to_owned(),
            way: Way::Robot,
            keeps_copy: true,
            started_ms: 1000,
            changed_by: None,
        }
    }

    #[tokio::test]
    async fn a_message_of_the_moment_in_which_a_channel_begins_is_sent() {
        let installation = TestInstallation::new().await;
        let providers = Providers::default();
        let store = &installation.store;
        let around = ForwardingContext {
            messengers: Messengers {
                store,
                vault: &installation.vault,
                providers: &providers,
            },
            clock: store.clock(),
            origin: None,
            notification_writer: None,
        };
        let mut forwarder = Forwarder::default();
        forwarder.watch_channels(vec![channel("news")]);
        let row = |id: &str, channel_name: &str, receive_timestamp| InboxMessage {
            id: id.to_owned(),
            user_id: 1,
            channel_name: channel_name.to_owned(),
            title: None,
            content: Some("Hello".to_owned()),
            receive_timestamp,
            options: None,
        };
        let rows = vec![
            row("before", "news", 999),
            row("first", "news", 1000),
            row("elsewhere", "others", 1000),
        ];
        let groups = forwarder.groups(around, rows).into_values();
        let ids: Vec<String> = groups
            .flat_map(|group| group.rows.into_iter().map(|row| row.id))
            .collect();
        assert_eq!(ids, ["first"]);
    }

    #[test]
    fn a_channel_is_new_only_once() {
        let mut forwarder = Forwarder::default();
        assert!(forwarder.watch_channels(vec![channel("news")]));
        assert!(!forwarder.watch_channels(vec![channel("news")]));
        let both = vec![channel("news"), channel("more")];
        assert!(forwarder.watch_channels(both));
        assert!(!forwarder.watch_channels(vec![channel("more")]));
        assert!(!forwarder.watch_channels(Vec::new()));
    }
}
