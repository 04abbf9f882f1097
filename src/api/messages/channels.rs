//! NocoBase's channels whose messages also go to DingTalk.

use std::collections::HashMap;

use actix_web::HttpResponse;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::audit::Action;
use crate::domain::forwarding::channel::{IN_APP, is_marked};
use crate::domain::message::Way;
use crate::edge::error::Problem;
use crate::edge::{ApiError, Call, envelope};
use crate::store::InboxChannel;

/// A channel that puts messages into NocoBase's inbox.
#[derive(JsonSchema, Serialize)]
pub(in crate::api) struct ChannelRow {
    /// Its name, which stays the same.
    channel: String,
    /// Its title.
    title: Option<String>,
    /// Name of the authenticator through which its messages also go to DingTalk; null if they do not.
    authenticator: Option<String>,
}

/// The setting of a channel.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default)]
pub(in crate::api) struct ChannelForm {
    /// Name of the channel.
    channel: Option<String>,
    /// Name of the authenticator; null keeps its messages in NocoBase alone.
    authenticator: Option<String>,
}

/// `dingtalkMessages:channels`: the channels, and which of them go to DingTalk.
pub async fn list(call: Call) -> Result<HttpResponse, ApiError> {
    let store = &call.app.store;
    let forwarded = store.forwarded_channels().await?.into_iter();
    let mut forwarded: HashMap<String, String> = forwarded
        .map(|row| (row.channel, row.authenticator))
        .collect();
    let channels = ordinary_channels(&call).await?.into_iter();
    let rows: Vec<_> = channels
        .map(|channel| ChannelRow {
            authenticator: forwarded.remove(&channel.name),
            channel: channel.name,
            title: channel.title,
        })
        .collect();
    Ok(envelope::data(rows))
}

/// The channels of NocoBase's inbox that are not this product's: what those do is set where they are.
async fn ordinary_channels(call: &Call) -> Result<Vec<InboxChannel>, ApiError> {
    let mut channels = call.app.store.notification_channels(IN_APP).await?;
    channels.retain(|channel| !channel.options.as_ref().is_some_and(is_marked));
    Ok(channels)
}

/// `dingtalkMessages:saveChannel`: lets the messages of a channel go to DingTalk from now on, or no more.
pub async fn save(call: Call) -> Result<HttpResponse, ApiError> {
    call.only_posted()?;
    let form: ChannelForm = call.body.parse()?;
    let outcome = save_now(&call, &form).await;
    let authenticator = form.authenticator.as_deref();
    super::record(&call, Action::MessageChannel, authenticator, &outcome).await;
    outcome.map(|()| envelope::empty())
}

async fn save_now(call: &Call, form: &ChannelForm) -> Result<(), ApiError> {
    let channel = form.channel.as_deref();
    let channel = channel.ok_or_else(|| ApiError::invalid("channel", Problem::NULL))?;
    let store = &call.app.store;
    let channels = ordinary_channels(call).await?;
    let is_there = channels.iter().any(|ordinary| ordinary.name == channel);
    let Some(authenticator) = form.authenticator.as_deref() else {
        // One that is gone may still be chosen.
        let all = store.notification_channels(IN_APP).await?;
        if is_there || all.iter().all(|other| other.name != channel) {
            store.stop_forwarding(channel).await?;
        }
        return Ok(());
    };
    if !is_there {
        return Err(ApiError::invalid("channel", Problem::WRONG));
    }
    let messengers = call.app.messengers();
    // What is wrong with the options is said now, and not when a message comes.
    let found = messengers.carrier(Some(authenticator), Way::WorkNotification);
    let (row, _) = found.await?;
    let by = call.caller()?.user.id;
    store.forward_channel(channel, &row.name, Some(by)).await?;
    Ok(())
}
