//! `pm:*`: our plugin among those of NocoBase.

use actix_web::web;
use serde_json::Value;
use url::form_urlencoded;

use super::{Failure, Outcome, change, change_answer};
use crate::api::address::Address;
use crate::api::plugins::{self, Keys, PluginRefusal};
use crate::api::{ApiError, envelope};
use crate::domain::plugin::{self, Switch};
use crate::gateway::{Edge, permission, proxy};
use crate::web::Generation;

/// The settings area that NocoBase 2.2.15 asks for at `pm:*`.
const SNIPPET: &str = "pm";

/// `pm:list`.
pub async fn list(edge: &Edge<'_>, payload: web::Payload) -> Outcome {
    let enabled = plugin::own_is_enabled(&edge.app.store).await?;
    let short = edge.query.get("mode") == Some("summary");
    let card = plugins::own_card(edge.app, enabled, language(edge), short);
    change(edge, payload, |cards| append(cards, card)).await
}

/// `pm:listEnabled` and `pm:listEnabledV2`.
pub async fn modules(edge: &Edge<'_>, generation: Generation, payload: web::Payload) -> Outcome {
    let enabled = plugin::own_is_enabled(&edge.app.store).await?;
    let module = plugins::own_module(edge.app, generation).filter(|_| enabled);
    change(edge, payload, |modules| append(modules, module)).await
}

/// Adds ours to a list, unless one of that package is there: then NocoBase has a plugin of its own.
fn append(list: &mut Value, own: Option<Value>) {
    let package = |item: &Value| item.get("packageName").cloned();
    if let (Value::Array(items), Some(own)) = (list, own)
        && items.iter().all(|item| package(item) != package(&own))
    {
        items.push(own);
    }
}

/// `pm:get`.
pub async fn get(edge: &Edge<'_>, address: &Address, payload: web::Payload) -> Outcome {
    let (own, _) = split(&names(edge, address));
    let Some(name) = own.first() else {
        return change(edge, payload, |_| {}).await;
    };
    let permitted = permission::ask(edge, SNIPPET).await?;
    let enabled = plugin::own_is_enabled(&edge.app.store).await?;
    let mut card = plugins::own_card(edge.app, enabled, language(edge), false);
    if let Some(card) = &mut card {
        // As NocoBase does.
        card["name"] = Value::from(name.as_str());
    }
    let mut answer = edge.own(envelope::data(card));
    permitted.hand_over(&mut answer);
    Ok(answer)
}

/// `pm:enable` and `pm:disable`: ours here, the others there.
pub async fn switch(edge: &Edge<'_>, address: &Address, payload: web::Payload) -> Outcome {
    let (own, others) = split(&names(edge, address));
    if own.is_empty() {
        let outgoing = edge.outgoing().await?;
        return Ok(proxy::pass(outgoing, edge, payload).await);
    }
    let permitted = permission::ask(edge, SNIPPET).await?;
    let keys = Keys::of(address, &edge.query).ok_or(ApiError::from(PluginRefusal::InvalidName))?;
    keys.names().map_err(ApiError::from)?;
    let wanted = if address.action == "enable" {
        Switch::On
    } else {
        Switch::Off
    };
    let waits = plugins::waits(&edge.query);
    let who = permission::caller_of(edge);
    plugins::perform(edge.app, &own, wanted, who, waits).await?;
    edge.app.names.forget().await;
    let mut answer = if others.is_empty() {
        edge.own(envelope::data(&keys))
    } else {
        pass_others(edge, address, &others, payload, &keys).await?
    };
    permitted.hand_over(&mut answer);
    Ok(answer)
}

/// Sends the request on without the name of our plugin.
async fn pass_others(
    edge: &Edge<'_>,
    address: &Address,
    others: &[String],
    payload: web::Payload,
    keys: &Keys,
) -> Outcome {
    let mut outgoing = edge.outgoing().await?;
    let mut query = form_urlencoded::Serializer::new(String::new());
    let pairs = form_urlencoded::parse(edge.request.query_string().as_bytes());
    query.extend_pairs(pairs.filter(|(name, _)| !name.starts_with("filterByTk")));
    query.append_pair("filterByTk", &others.join(","));
    let api = edge.app.config.http.api_path();
    let path = format!("{api}pm:{}?{}", address.action, query.finish());
    outgoing.head.uri = edge.upstream.uri(&path)?;
    let body = proxy::body_of(edge.request, payload);
    let asked = serde_json::to_value(keys).unwrap_or_default();
    change_answer(edge, outgoing, body, |data| *data = asked).await
}

/// `pm:update` and `pm:remove`: our plugin is part of the gateway.
pub async fn refuse(edge: &Edge<'_>, address: &Address, payload: web::Payload) -> Outcome {
    let (own, _) = split(&names(edge, address));
    if own.is_empty() {
        let outgoing = edge.outgoing().await?;
        return Ok(proxy::pass(outgoing, edge, payload).await);
    }
    permission::ask(edge, SNIPPET).await?;
    Err(Failure::Refused(PluginRefusal::Fixed.into()))
}

/// The plugins that a request names; what is no name is NocoBase's to refuse.
fn names(edge: &Edge<'_>, address: &Address) -> Vec<String> {
    Keys::of(address, &edge.query)
        .and_then(|keys| keys.names().ok())
        .unwrap_or_default()
}

/// Names of ours, and of others.
fn split(names: &[String]) -> (Vec<String>, Vec<String>) {
    let own = plugin::manifest();
    names
        .iter()
        .cloned()
        .partition(|name| [&own.alias, &own.name].contains(&name))
}

fn language<'a>(edge: &'a Edge<'_>) -> &'a str {
    crate::api::call::language(edge.request, &edge.query).unwrap_or_default()
}
