//! What a send of a channel of this product leaves to do in NocoBase.

use std::collections::HashSet;

use entity::forwarded_send;
use entity::message::State;

use super::ForwardingContext;
use super::forwarded_channel::ForwardedChannel;
use super::notification_writer::NotificationWriter;
use super::report::{digest, first_look_ms};
use crate::chain::Chain;
use crate::domain::message::{Copies, Delivery};
use crate::store::InboxMessage;

/// What is taken out of the inbox once its message has arrived: nothing where people keep a copy.
pub fn copies(channel: &ForwardedChannel, rows: &[InboxMessage]) -> Option<Copies> {
    let account_id = channel.changed_by.filter(|_| !channel.keeps_copy)?;
    let rows = rows.iter().map(|row| (row.user_id, row.id.clone()));
    Some(Copies {
        account_id,
        rows: rows.collect(),
    })
}

/// Whose name counts for what is written to NocoBase after sends of this channel; nobody's where nothing is written.
fn writer<'a>(
    around: ForwardingContext<'a>,
    channel: &ForwardedChannel,
) -> Option<(&'a dyn NotificationWriter, i64)> {
    let account_id = channel.changed_by.filter(|_| channel.is_product_channel)?;
    Some((around.notification_writer?, account_id))
}

/// What is remembered of a send for NocoBase's log, from before its first call on: a process that is killed in the middle
/// would leave «success» there for what nobody got. The send has no id yet.
pub fn followed(
    around: ForwardingContext<'_>,
    channel: &ForwardedChannel,
    rows: &[InboxMessage],
) -> Option<forwarded_send::Model> {
    let (_, account_id) = writer(around, channel)?;
    let first = rows.first()?;
    let title = first.title.as_deref().unwrap_or_default();
    let content = first.content.as_deref().unwrap_or_default();
    Some(forwarded_send::Model {
        send_id: String::new(),
        channel: channel.channel.clone(),
        received_ms: first.receive_timestamp,
        digest: digest(title, content),
        account_id,
        looks: 0,
        due_ms: first_look_ms(around.clock),
        reason: None,
    })
}

/// Takes copies out of the inbox that nobody wants. NocoBase does it; where it does not, people have the message twice, and
/// nobody misses it.
pub async fn afterwards(
    around: ForwardingContext<'_>,
    channel: &ForwardedChannel,
    rows: &[InboxMessage],
    deliveries: &[Delivery],
) {
    let Some((notification_writer, account_id)) = writer(around, channel) else {
        return;
    };
    let taken = deliveries.iter().filter(|one| one.state == State::Sent);
    let taken: HashSet<i64> = taken.map(|delivery| delivery.user_id).collect();
    let copies = copies(channel, rows).and_then(|all| all.of_those(|user| taken.contains(&user)));
    if let Some(copies) = copies
        && let Err(error) = notification_writer
            .remove_from_inbox(account_id, &copies.ids())
            .await
    {
        let name = &channel.channel;
        log::warn!(
            "messages of channel {name:?} stay in NocoBase's inbox, too: {}",
            Chain(&*error)
        );
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use async_trait::async_trait;

    use super::*;
    use crate::domain::account::FIRST;
    use crate::domain::forwarding::NotificationWriterError;
    use crate::domain::identity_provider::Providers;
    use crate::domain::message::Way;
    use crate::domain::messengers::Messengers;
    use crate::domain::test_installation::TestInstallation;

    /// The ids of messages that were taken out of NocoBase's inbox.
    #[derive(Default)]
    struct Taken(Mutex<Vec<String>>);

    #[async_trait]
    impl NotificationWriter for Taken {
        async fn remove_from_inbox(
            &self,
            _: i64,
            ids: &[String],
        ) -> Result<(), NotificationWriterError> {
            self.0.lock().unwrap().extend_from_slice(ids);
            Ok(())
        }

        async fn record_failure(
            &self,
            _: &forwarded_send::Model,
            _: &str,
        ) -> Result<bool, NotificationWriterError> {
            Ok(true)
        }
    }

    #[tokio::test]
    async fn only_a_channel_of_this_product_leaves_something_to_do_in_nocobase() {
        for is_product_channel in [true, false] {
            let installation = TestInstallation::new().await;
            let store = &installation.store;
            let (taken, providers) = (Taken::default(), Providers::default());
            let around = ForwardingContext {
                messengers: Messengers {
                    store,
                    vault: &installation.vault,
                    providers: &providers,
                },
                clock: store.clock(),
                origin: None,
                notification_writer: Some(&taken),
            };
            let channel = ForwardedChannel {
                channel: "news".to_owned(),
                is_product_channel,
                authenticator: "company".to_owned(),
                way: Way::Robot,
                keeps_copy: false,
                started_ms: 0,
                changed_by: Some(FIRST),
            };
            let row = InboxMessage {
                id: "row".to_owned(),
                user_id: FIRST,
                channel_name: "news".to_owned(),
                title: Some("A title".to_owned()),
                content: Some("Hello".to_owned()),
                receive_timestamp: 1,
                options: None,
            };
            let delivery = Delivery {
                user_id: FIRST,
                state: State::Sent,
                reason: None,
            };
            let rows = [row];
            let followed = followed(around, &channel, &rows);
            assert_eq!(followed.is_some(), is_product_channel);
            afterwards(around, &channel, &rows, &[delivery]).await;
            let taken = taken.0.into_inner().unwrap();
            assert_eq!(
                taken.len(),
                usize::from(is_product_channel),
                "of this product: {is_product_channel}"
            );
        }
    }
}
