//! Channels of NocoBase's notifications, when something changes that they name.

use std::sync::Arc;

use serde_json::json;

use super::client::NocoBase;
use super::error::CallError;
use crate::domain::forwarding::ChannelOptions;
use crate::domain::forwarding::channel::IN_APP;
use crate::state::AppState;

/// Has NocoBase write the new name of an authenticator into the channels of this product's type that
/// name it. It is asked in the name of the account that saved the channel last: whoever renames an
/// authenticator may have no right to change channels.
pub async fn rename_in_channels(
    app: &Arc<AppState>,
    old: &str,
    new: &str,
) -> Result<(), CallError> {
    let saved = app.store.forwarded_channels().await?;
    for channel in app.store.notification_channels(IN_APP).await? {
        let options = ChannelOptions::of(&channel);
        if options.is_none_or(|options| options.authenticator != old) {
            continue;
        }
        let name = channel.name.as_str();
        let row = saved.iter().find(|row| row.channel == name);
        let Some(account) = row.and_then(|row| row.updated_by_id) else {
            log::warn!("the channel {name:?} has the old name of its authenticator: save it again");
            continue;
        };
        let mut options = channel.options.unwrap_or_default();
        if let Some(fields) = options.as_object_mut() {
            fields.insert("authenticator".to_owned(), new.into());
        }
        let nocobase = NocoBase::as_account(app, account).await?;
        let query = [("filterByTk", name)];
        let values = json!({"options": options});
        nocobase
            .post("notificationChannels:update", &query, &values)
            .await?;
    }
    Ok(())
}
