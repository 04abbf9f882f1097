//! `notificationChannels:*` and `notificationSendLogs:*`: channels of this product's type.
//!
//! NocoBase keeps such a channel as one of its inbox, with a mark in the options. Whoever looks through the gateway sees
//! it with its own type and without the mark; what is saved is checked here and written by NocoBase, with the caller's
//! token and its own rights.

use std::collections::HashSet;

use serde_json::{Map, Value, json};

use super::channel_filter::{TYPE_COLUMN, translated};
use super::named_rows::NamedRows;
use super::save::{mentions, names_of_javascript};
use super::{
    Shows, SpliceFailure, SpliceResult, SplicedRequest, change_answer, removal, role_and_form,
    with_values,
};
use crate::chain::Chain;
use crate::domain::audit::Action;
use crate::domain::forwarding::ChannelOptions;
use crate::domain::forwarding::channel::{IN_APP, MARK, TYPE, is_marked, mark, unmark};
use crate::edge::ApiError;
use crate::edge::error::{MessageRefusal, Problem};
use crate::gateway::exchange::Exchange;
use crate::gateway::permission;
use crate::gateway::reading::Parameters;
use crate::store::{InboxChannel, Store, StoreError};

/// The settings area that NocoBase 2.2.15 asks for here.
const SNIPPET: &str = "pm.notification.channels";

/// `notificationChannels:list` and `get`, and lines of the log. While the plugin is off they are NocoBase's alone.
pub async fn shown(asked: SplicedRequest<'_>) -> SpliceResult {
    let exchange = asked.exchange;
    if !exchange.tables().plugin_is_on() {
        return asked.pass().await;
    }
    let channels = product_channels(&exchange.app.store).await?;
    let names: Vec<_> = channels.iter().map(|one| one.name.as_str()).collect();
    let known: HashSet<_> = names.iter().copied().collect();
    let column = match asked.address.resource.as_str() {
        "notificationSendLogs" => "channelName",
        _ => "name",
    };
    let target = translated(asked.target, column, &names);
    let asked = SplicedRequest {
        target: target.as_deref().unwrap_or(asked.target),
        ..asked
    };
    asked
        .change(Shows::NoSecrets, |data| show(data, &known))
        .await
}

/// `notificationChannels:create` and `update`. Other ways to write rows are refused where they may write a channel
/// of this type.
pub async fn save(asked: SplicedRequest<'_>) -> SpliceResult {
    let exchange = asked.exchange;
    if !exchange.tables().plugin_is_on() {
        return asked.pass().await;
    }
    let (role, body) = role_and_form(exchange, asked.payload).await?;
    let parameters = Parameters::read(exchange.request.query_string()).map_err(ApiError::from)?;
    let values = body.value();
    if names_of_javascript(values) {
        return Err(ApiError::Unclear.into());
    }
    let channels = product_channels(&exchange.app.store).await?;
    let named_rows = NamedRows::of(asked.address, &parameters);
    let stored = match named_rows {
        NamedRows::One(key) => channels.iter().find(|channel| channel.name == key),
        _ => None,
    };
    let is_one = match (asked.address.action.as_str(), named_rows) {
        ("create", NamedRows::None) => true,
        ("update", NamedRows::One(key)) => !key.contains(['{', '[', '"', ',']),
        _ => false,
    };
    let is_named = mentions(values, TYPE_COLUMN, &TYPE) || has_key(values, MARK);
    // A filter may find a channel of this type.
    let may_be_product_channel = stored.is_some() || is_named || (!is_one && !channels.is_empty());
    if !may_be_product_channel {
        let (outgoing, body) = with_values(exchange, values, asked.target)?;
        return change_answer(exchange, outgoing, body, Shows::NoSecrets, |_| {}).await;
    }
    // Before anything is said about the row or the values.
    permission::permitted(&role, SNIPPET)?;
    let Value::Object(fields) = values else {
        return Err(ApiError::BodyWrongType.into());
    };
    if !is_one {
        return Err(ApiError::InvalidFilter.into());
    }
    let (written, options) = written(exchange, fields.clone(), stored).await?;
    let written = Value::Object(written);
    pass(exchange, &written, asked.target, options.as_ref()).await
}

/// `notificationChannels:destroy`. Whatever NocoBase removed is forwarded nowhere any more.
pub async fn remove(asked: SplicedRequest<'_>) -> SpliceResult {
    let (exchange, address) = (asked.exchange, asked.address);
    let channels = exchange.app.store.notification_channels(IN_APP).await?;
    let query = exchange.request.query_string();
    let before = removal::named(address, query, channels, |channel| channel.name.clone());
    let mut is_nothing = false;
    let look = |data: &mut Value| is_nothing = removal::is_nothing(data);
    let answer = asked.change(Shows::NoSecrets, look).await;
    // NocoBase may have removed channels although its answer broke off.
    if answer
        .as_ref()
        .map_or(true, |answer| answer.status().is_success())
        && !is_nothing
        && let Err(error) = forget_removed(exchange, &before).await
    {
        log::error!(
            "channels that NocoBase has removed are forwarded again if somebody gives others their names: {}",
            Chain(&error)
        );
    }
    answer
}

/// Forgets those of these channels that NocoBase has removed.
async fn forget_removed(exchange: &Exchange, before: &[InboxChannel]) -> Result<(), StoreError> {
    let store = &exchange.app.store;
    let after = store.notification_channels(IN_APP).await?;
    let stays: HashSet<_> = after.iter().map(|channel| &channel.name).collect();
    for gone in before.iter().filter(|one| !stays.contains(&one.name)) {
        if store.stop_forwarding(&gone.name).await? {
            permission::record(exchange, Action::MessageChannel, "").await;
        }
    }
    Ok(())
}

/// The values as NocoBase gets them, and what is set of a channel that is of this type afterwards.
async fn written(
    exchange: &Exchange,
    mut values: Map<String, Value>,
    stored: Option<&InboxChannel>,
) -> Result<(Map<String, Value>, Option<ChannelOptions>), SpliceFailure> {
    let is_product_channel = match values.get(TYPE_COLUMN) {
        None => stored.is_some(),
        Some(Value::String(name)) if name == *TYPE => true,
        // What only looks like our type is a mistake.
        Some(value) if mentions(&json!({TYPE_COLUMN: value}), TYPE_COLUMN, &TYPE) => {
            return Err(invalid(TYPE_COLUMN));
        }
        Some(_) => false,
    };
    let kept = stored.and_then(|channel| channel.options.clone());
    let mut options = match values.remove("options") {
        Some(options @ Value::Object(_)) => options,
        // An empty form sends none.
        None | Some(Value::Null) => kept.clone().unwrap_or_else(|| json!({})),
        Some(_) => return Err(invalid("options")),
    };
    unmark(&mut options);
    if !is_product_channel {
        values.insert("options".to_owned(), options);
        return Ok((values, None));
    }
    let checked = checked(exchange, &options, kept.as_ref()).await?;
    mark(&mut options);
    values.insert("options".to_owned(), options);
    values.insert(TYPE_COLUMN.to_owned(), json!(IN_APP));
    Ok((values, Some(checked)))
}

/// The options, if they can be used. What is wrong is said now, and not when a message comes; an authenticator that went
/// out of use meanwhile keeps nobody from changing the rest.
async fn checked(
    exchange: &Exchange,
    options: &Value,
    kept: Option<&Value>,
) -> Result<ChannelOptions, SpliceFailure> {
    let authenticator = options.get("authenticator").and_then(Value::as_str);
    if authenticator.is_none_or(|name| name.trim().is_empty()) {
        return Err(ApiError::invalid("Authenticator", Problem::NULL).into());
    }
    let parsed = ChannelOptions::parse(options).map_err(|_| invalid("options"))?;
    let before = kept.and_then(|kept| ChannelOptions::parse(kept).ok());
    let goes_as_before = before.is_some_and(|before| {
        (&before.authenticator, before.way) == (&parsed.authenticator, parsed.way)
    });
    if !goes_as_before {
        let messengers = exchange.app.messengers();
        let found = messengers.carrier(Some(&parsed.authenticator), parsed.way);
        found.await.map_err(ApiError::from)?;
    }
    Ok(parsed)
}

/// Sends values on, written anew, and keeps what NocoBase has saved.
async fn pass(
    exchange: &Exchange,
    values: &Value,
    target: &str,
    options: Option<&ChannelOptions>,
) -> SpliceResult {
    let (outgoing, body) = with_values(exchange, values, target)?;
    let mut saved = Vec::new();
    let keep = |data: &mut Value| {
        saved = names_in(data);
        if options.is_some() {
            show(data, &HashSet::new());
        }
    };
    let answer = change_answer(exchange, outgoing, body, Shows::NoSecrets, keep).await?;
    if answer.status().is_success()
        && let Err(error) = keep_saved(exchange, &saved, options).await
    {
        log::error!(
            "NocoBase has saved channels, and this server does not know where their messages go: open and save them \
             again: {}: {}",
            saved.join(", "),
            Chain(&error)
        );
        return Err(ApiError::Message(MessageRefusal::ChannelSavedByHalf).into());
    }
    Ok(answer)
}

async fn keep_saved(
    exchange: &Exchange,
    saved: &[String],
    options: Option<&ChannelOptions>,
) -> Result<(), StoreError> {
    let store = &exchange.app.store;
    let authenticator = options.map(|options| options.authenticator.as_str());
    for channel in saved {
        match authenticator {
            Some(name) => {
                let by = permission::caller_of(exchange).actor_id;
                store.forward_channel(channel, name, by).await?;
            }
            None => drop(store.stop_forwarding(channel).await?),
        }
        let name = authenticator.unwrap_or_default();
        permission::record(exchange, Action::MessageChannel, name).await;
    }
    Ok(())
}

/// The channels of this product's type.
async fn product_channels(store: &Store) -> Result<Vec<InboxChannel>, StoreError> {
    let mut channels = store.notification_channels(IN_APP).await?;
    channels.retain(|channel| channel.options.as_ref().is_some_and(is_marked));
    Ok(channels)
}

/// The names of rows in an answer.
fn names_in(data: &Value) -> Vec<String> {
    let rows = match data {
        Value::Array(rows) => rows.as_slice(),
        row => std::slice::from_ref(row),
    };
    let name = |row: &Value| row.get("name")?.as_str().map(str::to_owned);
    rows.iter().filter_map(name).collect()
}

/// Shows channels of this type as such, and without the mark. A client may have asked for some of the columns only, and
/// lines of the log name their channel.
fn show(data: &mut Value, names: &HashSet<&str>) {
    let rows = match data {
        Value::Array(rows) => rows.as_mut_slice(),
        row => std::slice::from_mut(row),
    };
    for row in rows.iter_mut().filter_map(Value::as_object_mut) {
        let was_marked = row.get_mut("options").is_some_and(unmark);
        let channel = row.get("channelName").or_else(|| row.get("name"));
        let is_known = channel
            .and_then(Value::as_str)
            .is_some_and(|name| names.contains(name));
        if let Some(shown) = row.get_mut(TYPE_COLUMN)
            && *shown == IN_APP
            && (was_marked || is_known)
        {
            *shown = json!(*TYPE);
        }
    }
}

pub(super) fn has_key(value: &Value, name: &str) -> bool {
    match value {
        Value::Array(items) => items.iter().any(|item| has_key(item, name)),
        Value::Object(fields) => {
            let mut fields = fields.iter();
            fields.any(|(key, value)| key == name || has_key(value, name))
        }
        _ => false,
    }
}

fn invalid(field: &'static str) -> SpliceFailure {
    ApiError::invalid(field, Problem::WRONG).into()
}
