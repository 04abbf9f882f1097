//! Which channels of NocoBase's are forwarded to a provider, and how.

use std::collections::HashMap;

use entity::forwarded_channel;

use super::channel::{ChannelOptions, IN_APP};
use crate::domain::message::Way;
use crate::store::{Store, StoreError};

/// A channel whose messages go to people at a provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForwardedChannel {
    /// Its name.
    pub channel: String,
    /// Whether it is a channel of this product, and no ordinary one.
    pub is_product_channel: bool,
    /// Name of the authenticator.
    pub authenticator: String,
    /// How they go.
    pub way: Way,
    /// Whether who got a message keeps it in the inbox.
    pub keeps_copy: bool,
    /// Messages from before are left alone, in milliseconds since the epoch.
    pub started_ms: i64,
    /// The account that last changed it.
    pub changed_by: Option<i64>,
}

/// All of them: channels of this product, which NocoBase's rows describe, and ordinary ones that an administrator
/// chose. A channel of this product that is seen for the first time, because it was saved without the gateway, begins
/// now.
pub async fn forwarded_channels(store: &Store) -> Result<Vec<ForwardedChannel>, StoreError> {
    let rows = store.forwarded_channels().await?.into_iter();
    let mut rows: HashMap<String, forwarded_channel::Model> =
        rows.map(|row| (row.channel.clone(), row)).collect();
    let mut all = Vec::new();
    for channel in store.notification_channels(IN_APP).await? {
        let options = ChannelOptions::of(&channel);
        let row = match (rows.remove(&channel.name), &options) {
            (None, None) => continue,
            (Some(row), _) => row,
            (None, Some(options)) => {
                let authenticator = &options.authenticator;
                match store
                    .forward_channel(&channel.name, authenticator, None)
                    .await
                {
                    // Another process was faster, and the next look finds what it wrote.
                    Err(StoreError::Conflict(_)) => continue,
                    outcome => outcome?,
                }
            }
        };
        all.push(match options {
            Some(options) => ForwardedChannel {
                is_product_channel: true,
                authenticator: options.authenticator,
                way: options.way,
                keeps_copy: options.keep_copy,
                ..ForwardedChannel::of(row)
            },
            None => ForwardedChannel::of(row),
        });
    }
    Ok(all)
}

impl ForwardedChannel {
    /// An ordinary channel that an administrator chose.
    fn of(row: forwarded_channel::Model) -> Self {
        Self {
            channel: row.channel,
            is_product_channel: false,
            authenticator: row.authenticator,
            way: Way::WorkNotification,
            keeps_copy: true,
            started_ms: row.started_ms,
            changed_by: row.updated_by_id,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::domain::forwarding::channel::mark;
    use crate::domain::forwarding::tests::CHANNELS;
    use crate::domain::test_installation::TestInstallation;

    #[tokio::test]
    async fn a_channel_that_another_process_has_just_seen_is_left_to_the_next_look() {
        let installation = TestInstallation::new().await;
        let store = &installation.store;
        let mut options = json!({"authenticator": "company"});
        mark(&mut options);
        for statement in [
            CHANNELS,
            &format!(
                r#"INSERT INTO "notificationChannels" ("name", "notificationType", "options") VALUES
                   ('contested', '{IN_APP}', '{options}'), ('new', '{IN_APP}', '{options}')"#
            ),
        ] {
            store.execute(statement).await;
        }
        // Another process is faster with one of them.
        let way = r#"INSERT ON "dingtalk_mirrored_channels" WHEN NEW."channel" = 'contested'"#;
        store.hinder(&[way]).await;
        let names = async || {
            let found = forwarded_channels(store).await.unwrap().into_iter();
            found.map(|one| one.channel).collect::<Vec<_>>()
        };
        assert_eq!(names().await, ["new"]);
        store.end_hindrance().await;
        assert_eq!(names().await, ["contested", "new"]);
    }
}
