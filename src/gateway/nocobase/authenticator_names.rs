//! Rows of NocoBase that name an authenticator, when it gets another name: sources of its page «Synchronize», and channels
//! of its notifications.

use std::sync::Arc;

use serde_json::{Value, json};

use super::client::NocoBase;
use super::error::CallError;
use crate::chain::Chain;
use crate::domain::directory::source::types;
use crate::domain::forwarding::ChannelOptions;
use crate::domain::forwarding::channel::IN_APP;
use crate::state::AppState;

/// Has NocoBase write the new name of an authenticator into the sources that name it. It is asked in the
/// name of the account that the directory's source acts as: whoever renames an authenticator may have no
/// right to change sources.
pub async fn rename_in_sources(
    app: &Arc<AppState>,
    authenticator_id: i64,
    old: &str,
    new: &str,
) -> Result<(), CallError> {
    let rows = app.store.sync_sources(&types(&app.providers)).await?;
    let named = rows.into_iter().filter(|row| {
        let name = row.options.get("authenticator");
        name.is_some_and(|name| name == old)
    });
    let named: Vec<_> = named.collect();
    let source = app.store.directory_source_of(authenticator_id).await?;
    let (Some(source), false) = (source, named.is_empty()) else {
        return Ok(());
    };
    let nocobase = NocoBase::as_account(app, source.acting_user_id).await?;
    for row in named {
        nocobase
            .post_to(
                "userDataSyncSources:update",
                row.id,
                &naming(row.options, new),
            )
            .await?;
    }
    Ok(())
}

/// Has NocoBase write the new name of an authenticator into the channels of this product's type that
/// name it. It is asked in the name of the account that saved the channel last: whoever renames an
/// authenticator may have no right to change channels. A channel that cannot follow is in the log.
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
        let account = row.and_then(|row| row.updated_by_id);
        let values = naming(channel.options.unwrap_or_default(), new);
        if let Err(error) = update_channel(app, account, name, &values).await {
            log::warn!(
                "the channel {name:?} has the old name of the authenticator {new}: save it again: {}",
                Chain(&error)
            );
        }
    }
    Ok(())
}

/// Has NocoBase change a channel in the name of this account.
async fn update_channel(
    app: &Arc<AppState>,
    account: Option<i64>,
    name: &str,
    values: &Value,
) -> Result<(), CallError> {
    let account = account.ok_or(CallError::NotAllowed)?;
    let nocobase = NocoBase::as_account(app, account).await?;
    let query = [("filterByTk", name)];
    nocobase
        .post("notificationChannels:update", &query, values)
        .await?;
    Ok(())
}

/// The values of an update that has a row's options name this authenticator.
fn naming(mut options: Value, authenticator: &str) -> Value {
    if let Some(fields) = options.as_object_mut() {
        fields.insert("authenticator".to_owned(), authenticator.into());
    }
    json!({"options": options})
}
