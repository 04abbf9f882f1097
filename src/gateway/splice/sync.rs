//! The actions of NocoBase's page «Synchronize» (`userData:*`, `userDataSyncSources:*`), for
//! sources whose type is a provider's.
//!
//! NocoBase stores and shows the rows of these sources. Their values are checked before NocoBase
//! stores them, and copied to the directory sources of this server, which does the runs.

use std::collections::HashSet;

use entity::sync_source::Model;
use serde_json::{Value, json};

use super::authenticators::add_types;
use super::named_rows::NamedRows;
use super::save::{is_enabled_after, mentions, names_of_javascript};
use super::{
    Shows, SpliceResult, SplicedRequest, change_answer, removal, role_and_form, with_values,
};
use crate::api::authenticators::provider_types;
use crate::api::directory::{CheckedSource, check_source, disable_source, keep_source, run_source};
use crate::domain::directory::SourceOptions;
use crate::domain::directory::source::types as source_types;
use crate::domain::role::ActingRole;
use crate::edge::error::{DirectoryRefusal, Problem};
use crate::edge::{ApiError, envelope};
use crate::gateway::exchange::Exchange;
use crate::gateway::permission;
use crate::gateway::reading::Parameters;

/// The settings area that NocoBase 2.2.15 requires for these actions.
const SNIPPET: &str = "pm.user-data-sync";
/// What ends a source that no row of NocoBase stands for.
const TO_DISABLE: &str =
    "add a source of the same authenticator on the page «Synchronize», and remove it there";

/// `userData:listSyncTypes`: adds the types of providers.
pub async fn types(asked: SplicedRequest<'_>) -> SpliceResult {
    let exchange = asked.exchange;
    let enabled = exchange.tables().plugin_is_on();
    let source_types = source_types(&exchange.app.providers);
    let add = |types: &mut Value| {
        let added = provider_types(&exchange.app.providers);
        let added = added.filter(|(name, _)| enabled && source_types.contains(name));
        add_types(types, added);
    };
    asked.change(Shows::NoSecrets, add).await
}

/// `userDataSyncSources:create` and `update`. Other ways to write rows are refused when they could
/// write a source of a provider.
pub async fn save(asked: SplicedRequest<'_>) -> SpliceResult {
    let (exchange, address) = (asked.exchange, asked.address);
    let (role, body) = role_and_form(exchange, asked.payload).await?;
    let parameters = Parameters::read(exchange.request.query_string()).map_err(ApiError::from)?;
    let values = body.value();
    if names_of_javascript(values) {
        return Err(ApiError::Unclear.into());
    }
    let source_types = source_types(&exchange.app.providers);
    let rows = exchange.app.store.sync_sources(&source_types).await?;
    let named_rows = NamedRows::of(address, &parameters);
    let stored = match named_rows {
        NamedRows::One(key) => {
            let id = key.parse::<i64>().ok();
            rows.iter().find(|row| Some(row.id) == id)
        }
        _ => None,
    };
    let is_one = match (address.action.as_str(), named_rows) {
        ("create", NamedRows::None) => true,
        ("update", NamedRows::One(key)) => key.parse::<i64>().is_ok(),
        _ => false,
    };
    let is_named = source_types
        .iter()
        .any(|name| mentions(values, "sourceType", name));
    // A change for several rows could be for a source of a provider.
    let may_be_of_provider = stored.is_some() || is_named || (!is_one && !rows.is_empty());
    if !may_be_of_provider {
        return pass(exchange, values, asked.target).await;
    }
    administer(&role)?;
    let Value::Object(fields) = values else {
        return Err(ApiError::BodyWrongType.into());
    };
    if !is_one {
        return Err(ApiError::InvalidFilter.into());
    }
    let written = WrittenSource::of(&source_types, fields, stored)?;
    let mut checked = None;
    if let Some(written) = &written {
        let is_other = |row: &&Model| stored.is_none_or(|stored| stored.id != row.id);
        let others: HashSet<_> = rows
            .iter()
            .filter(is_other)
            .filter_map(authenticator_of)
            .collect();
        if others.contains(written.authenticator.as_str()) {
            return Err(ApiError::Directory(DirectoryRefusal::SecondSource).into());
        }
        let WrittenSource {
            authenticator,
            options,
            enabled,
        } = written;
        let source = check_source(&exchange.app, authenticator, options).await?;
        // A source acts as who has saved it.
        let actor = permission::caller_of(exchange).actor_id;
        let actor = actor.ok_or(ApiError::InvalidToken)?;
        checked = Some((source, *enabled, actor));
    }
    let shown = written.as_ref().map(|_| with_masks(fields));
    let answer = pass(exchange, shown.as_ref().unwrap_or(values), asked.target).await?;
    let now = written
        .as_ref()
        .map(|written| written.authenticator.as_str());
    let before = stored.and_then(authenticator_of);
    let left = before.filter(|before| Some(*before) != now);
    if answer.status().is_success()
        && let Err(error) = keep_saved(exchange, checked.as_ref(), left).await
    {
        error.report();
        if let Some(now) = now {
            log::error!(
                "NocoBase has saved the source of the authenticator {now}, and this server has not: save it again there"
            );
        }
        if let Some(left) = left {
            log::error!("the source of the authenticator {left} may go on to run: {TO_DISABLE}");
        }
        return Err(ApiError::Directory(DirectoryRefusal::SavedByHalf).into());
    }
    Ok(answer)
}

/// Keeps the source that NocoBase has saved, and disables that of the authenticator that its row
/// named before. One is done though the other fails.
async fn keep_saved(
    exchange: &Exchange,
    checked: Option<&(CheckedSource, bool, i64)>,
    left: Option<&str>,
) -> Result<(), ApiError> {
    let kept = match checked {
        Some((source, enabled, actor)) => {
            let kept = keep_source(&exchange.app, source, *enabled, *actor).await;
            kept.map(drop)
        }
        None => Ok(()),
    };
    match left {
        Some(left) => kept.and(disable_source(&exchange.app, left).await),
        None => kept,
    }
}

/// `userDataSyncSources:destroy`: disables the directory sources of the rows that NocoBase removed.
/// The recorded people and departments stay, so that a new source continues from there.
pub async fn remove(asked: SplicedRequest<'_>) -> SpliceResult {
    let (exchange, address) = (asked.exchange, asked.address);
    let source_types = source_types(&exchange.app.providers);
    let rows = exchange.app.store.sync_sources(&source_types).await?;
    let query = exchange.request.query_string();
    let before = removal::named(address, query, rows, |row| row.id.to_string());
    let answer = asked.pass().await?;
    if answer.status().is_success()
        && let Err(error) = disable_removed(exchange, &source_types, &before).await
    {
        error.report();
        log::error!("sources that NocoBase has removed may go on to run: {TO_DISABLE}");
    }
    Ok(answer)
}

/// Disables the directory sources of those of these rows that NocoBase has removed.
async fn disable_removed(
    exchange: &Exchange,
    source_types: &[&str],
    before: &[Model],
) -> Result<(), ApiError> {
    let after = exchange.app.store.sync_sources(source_types).await?;
    let stays: HashSet<_> = after.iter().map(|row| row.id).collect();
    let gone = before.iter().filter(|row| !stays.contains(&row.id));
    let mut disabled = Ok(());
    for authenticator in gone.filter_map(authenticator_of) {
        disabled = disabled.and(disable_source(&exchange.app, authenticator).await);
    }
    disabled
}

/// `userData:pull` and `userData:retry`: start a run in the background.
pub async fn run(asked: SplicedRequest<'_>) -> SpliceResult {
    let exchange = asked.exchange;
    let source_types = source_types(&exchange.app.providers);
    let rows = exchange.app.store.sync_sources(&source_types).await?;
    let parameters = Parameters::read(exchange.request.query_string()).map_err(ApiError::from)?;
    let key = if asked.address.action == "pull" {
        "name"
    } else {
        "sourceId"
    };
    let wanted: Vec<&str> = parameters.all(key).collect();
    let is_wanted = |row: &&Model| match wanted.as_slice() {
        [name] if key == "name" => row.name == *name,
        [id] => id.parse() == Ok(row.id),
        _ => false,
    };
    let found = rows.iter().find(is_wanted);
    let Some(row) = found.filter(|_| exchange.tables().plugin_is_on()) else {
        return asked.pass().await;
    };
    administer(&permission::role_of(exchange).await?)?;
    let no_source = || ApiError::Directory(DirectoryRefusal::NoSource);
    let authenticator = authenticator_of(row).filter(|_| row.enabled == Some(true));
    let authenticator = authenticator.ok_or_else(no_source)?;
    let actor = permission::caller_of(exchange).actor_id;
    run_source(&exchange.app, authenticator, actor).await?;
    Ok(exchange.with_cors(envelope::empty()))
}

/// The values with their secrets masked. NocoBase shows what it stores, and this server already has
/// the secrets.
fn with_masks(values: &serde_json::Map<String, Value>) -> Value {
    let mut values = values.clone();
    if let Some(options) = values.get_mut("options") {
        *options = SourceOptions::masked(options.take());
    }
    Value::Object(values)
}

/// The values of a provider's source, after a change.
struct WrittenSource {
    authenticator: String,
    options: Value,
    enabled: bool,
}

impl WrittenSource {
    /// Reads the values of a row as they will be after this change. Returns none when the row is
    /// not a provider's source then.
    fn of(
        source_types: &[&str],
        values: &serde_json::Map<String, Value>,
        stored: Option<&Model>,
    ) -> Result<Option<Self>, ApiError> {
        let source_type = match values.get("sourceType") {
            None => stored.map(|row| row.source_type.as_str()),
            Some(Value::String(text)) => Some(text.as_str()),
            Some(_) => return Err(invalid("sourceType")),
        };
        if !source_type.is_some_and(|source_type| source_types.contains(&source_type)) {
            return Ok(None);
        }
        let options = match values.get("options") {
            None => stored.map_or_else(|| json!({}), |row| row.options.clone()),
            Some(options @ Value::Object(_)) => options.clone(),
            Some(_) => return Err(invalid("options")),
        };
        let authenticator = options.get("authenticator").and_then(Value::as_str);
        let authenticator = authenticator.map(str::trim).filter(|name| !name.is_empty());
        let authenticator =
            authenticator.ok_or_else(|| ApiError::invalid("Authenticator", Problem::NULL))?;
        let enabled = is_enabled_after(values, stored.and_then(|row| row.enabled))?;
        Ok(Some(Self {
            authenticator: authenticator.to_owned(),
            options,
            enabled,
        }))
    }
}

fn invalid(field: &'static str) -> ApiError {
    ApiError::invalid(field, Problem::WRONG)
}

fn authenticator_of(row: &Model) -> Option<&str> {
    row.options.get("authenticator")?.as_str()
}

/// Checks that the caller may administer directory sources. A run can end all access of accounts,
/// so this needs the same permissions as the actions of this server.
fn administer(role: &ActingRole) -> Result<(), ApiError> {
    let permitted = permission::permitted(role, SNIPPET)?;
    if permitted.may_destroy {
        Ok(())
    } else {
        Err(ApiError::Forbidden)
    }
}

/// Sends values to NocoBase. They are written again from the parsed values, so that NocoBase
/// receives exactly what was checked.
async fn pass(exchange: &Exchange, values: &Value, target: &str) -> SpliceResult {
    let (outgoing, body) = with_values(exchange, values, target)?;
    change_answer(exchange, outgoing, body, Shows::NoSecrets, |_| {}).await
}
