//! The actions `pm:*`: this project's plugin is shown and switched among NocoBase's plugins.

use serde_json::Value;

use super::{Shows, SpliceFailure, SpliceResult, SplicedRequest, change_answer};
use crate::api::plugins::{self, Keys};
use crate::domain::plugin;
use crate::domain::plugin_switch::Switch;
use crate::edge::browser_half::Generation;
use crate::edge::error::PluginRefusal;
use crate::edge::{ApiError, envelope, head};
use crate::gateway::exchange::Exchange;
use crate::gateway::reading::Parameters;
use crate::gateway::{permission, proxy};

/// The settings area that NocoBase 2.2.15 requires for `pm:*`.
const SNIPPET: &str = "pm";

/// `pm:list`: adds the card of this plugin.
pub async fn list(asked: SplicedRequest<'_>) -> SpliceResult {
    let exchange = asked.exchange;
    let enabled = plugin::this_plugin_is_enabled(&exchange.app.store).await?;
    let short = exchange.query.get("mode") == Some("summary");
    let card = exchange
        .gateway
        .this_plugin
        .card(enabled, language(exchange), short);
    let add = |cards: &mut Value| append(cards, card);
    asked.change(Shows::NoSecrets, add).await
}

/// `pm:listEnabled` and `pm:listEnabledV2`: add the plugin's module for the web client.
pub async fn modules(asked: SplicedRequest<'_>, generation: Generation) -> SpliceResult {
    let exchange = asked.exchange;
    let enabled = exchange.tables().plugin_is_on();
    let module = exchange
        .gateway
        .this_plugin
        .module(generation)
        .filter(|_| enabled);
    let add = |modules: &mut Value| append(modules, module);
    asked.change(Shows::NoSecrets, add).await
}

/// Adds an item to a list, unless NocoBase itself has a plugin with the same package name.
fn append(list: &mut Value, added: Option<Value>) {
    let package = |item: &Value| item.get("packageName").cloned();
    if let (Value::Array(items), Some(added)) = (list, added)
        && items.iter().all(|item| package(item) != package(&added))
    {
        items.push(added);
    }
}

/// `pm:get`: answers for this plugin.
pub async fn get(asked: SplicedRequest<'_>) -> SpliceResult {
    let exchange = asked.exchange;
    let (this_plugin, _) = split(&names(&asked));
    let Some(name) = this_plugin.first() else {
        return asked.pass().await;
    };
    permission::ask(exchange, SNIPPET).await?;
    let enabled = plugin::this_plugin_is_enabled(&exchange.app.store).await?;
    let mut card = exchange
        .gateway
        .this_plugin
        .card(enabled, language(exchange), false);
    if let Some(card) = &mut card {
        // NocoBase answers with the name that was asked for, too.
        card["name"] = Value::from(name.as_str());
    }
    Ok(exchange.with_cors(envelope::data(card)))
}

/// `pm:enable` and `pm:disable`: switch this plugin here, and pass the others on to NocoBase.
pub async fn switch(asked: SplicedRequest<'_>) -> SpliceResult {
    let (exchange, address) = (asked.exchange, asked.address);
    let (this_plugin, others) = split(&names(&asked));
    if this_plugin.is_empty() {
        return asked.pass().await;
    }
    permission::ask(exchange, SNIPPET).await?;
    let keys =
        Keys::of(address, &exchange.query).ok_or(ApiError::from(PluginRefusal::InvalidName))?;
    keys.names().map_err(ApiError::from)?;
    let wanted = if address.action == "enable" {
        Switch::On
    } else {
        Switch::Off
    };
    let waits = plugins::waits(&exchange.query);
    let who = permission::caller_of(exchange);
    plugins::perform(
        &exchange.app,
        &exchange.gateway.pages,
        &this_plugin,
        wanted,
        who,
        waits,
    )
    .await?;
    exchange.gateway.tables.read_again(&exchange.app).await;
    if others.is_empty() {
        return Ok(exchange.with_cors(envelope::data(&keys)));
    }
    pass_others(asked, &others, &keys).await
}

/// Passes the request on without the name of this plugin.
async fn pass_others(asked: SplicedRequest<'_>, others: &[String], keys: &Keys) -> SpliceResult {
    let exchange = asked.exchange;
    let query = exchange.request.query_string();
    let parameters = Parameters::read(query).map_err(ApiError::from)?;
    let parameters = parameters
        .without("__appName")
        .without("state")
        .without("filterByTk")
        .with("filterByTk", &others.join(","));
    let api = exchange.app.config.http.api_path();
    let target = parameters.append_to(&format!("{api}pm:{}", asked.address.action));
    let outgoing = exchange.outgoing_to_main(&target)?;
    let body = proxy::body_of(&exchange.request, asked.payload);
    let told = serde_json::to_value(keys).unwrap_or_default();
    change_answer(exchange, outgoing, body, Shows::NoSecrets, |data| {
        *data = told;
    })
    .await
}

/// `pm:update` and `pm:remove`: refused for this plugin, because it is part of the gateway.
pub async fn refuse(asked: SplicedRequest<'_>) -> SpliceResult {
    let (this_plugin, _) = split(&names(&asked));
    if this_plugin.is_empty() {
        return asked.pass().await;
    }
    permission::ask(asked.exchange, SNIPPET).await?;
    Err(SpliceFailure::Refused(PluginRefusal::Fixed.into()))
}

/// The plugins that a request names. It is empty for invalid names, which NocoBase then refuses.
fn names(asked: &SplicedRequest<'_>) -> Vec<String> {
    Keys::of(asked.address, &asked.exchange.query)
        .and_then(|keys| keys.names().ok())
        .unwrap_or_default()
}

/// Separates the names of this plugin from those of others.
fn split(names: &[String]) -> (Vec<String>, Vec<String>) {
    let manifest = plugin::manifest();
    names
        .iter()
        .cloned()
        .partition(|name| [&manifest.alias, &manifest.name].contains(&name))
}

fn language(exchange: &Exchange) -> &str {
    head::language(&exchange.request, &exchange.query).unwrap_or_default()
}
