//! The actions `authenticators:create` and `update`. An authenticator of a provider is checked
//! here; NocoBase then saves it with the caller's token and checks the caller's permissions.

use actix_web::HttpResponse;
use entity::authenticator::Model;
use serde_json::{Map, Value, json};

use super::authenticators::EffectiveStates;
use super::columns::are_of_columns;
use super::named_rows::NamedRows;
use super::rename::Rename;
use super::{
    Shows, SpliceFailure, SpliceResult, SplicedRequest, change_answer, role_and_form, with_values,
};
use crate::domain::audit::Action;
use crate::domain::authenticator::{self, Author, Changed};
use crate::domain::identity_provider::Providers;
use crate::domain::options_signature;
use crate::edge::ApiError;
use crate::edge::address::Address;
use crate::edge::error::Problem;
use crate::gateway::exchange::Exchange;
use crate::gateway::permission;
use crate::gateway::reading::Parameters;
use crate::store::effective_state;

/// The settings area that NocoBase 2.2.15 requires for these actions.
const SNIPPET: &str = "pm.auth.authenticators";

/// Saves an authenticator.
pub async fn save(asked: SplicedRequest<'_>) -> SpliceResult {
    let (exchange, address) = (asked.exchange, asked.address);
    let (role, body) = role_and_form(exchange, asked.payload).await?;
    let parameters = Parameters::read(exchange.request.query_string()).map_err(ApiError::from)?;
    let rows = exchange.app.store.authenticators().await?;
    let stored = target(address, &parameters, &rows);
    let values = body.value();
    if names_of_javascript(values) {
        return Err(ApiError::Unclear.into());
    }
    if parameters.has("values") || !are_of_columns(values) {
        return Err(ApiError::InvalidReference.into());
    }
    if !concerns_us(&exchange.app.providers, values, &stored, address) {
        let answer = pass(exchange, values, asked.target).await?;
        record(exchange, address, values.get("name"), &stored, &answer).await;
        return Ok(answer);
    }
    // Permission is checked before an error could reveal anything about the row or the values.
    let permitted = permission::permitted(&role, SNIPPET)?;
    let Value::Object(values) = values else {
        return Err(ApiError::BodyWrongType.into());
    };
    let stored = match (address.action.as_str(), stored) {
        ("create", _) => None,
        ("update", Stored::One(row)) => Some(row),
        // The change is for several rows, or for those that a filter finds. It could be right for
        // one and wrong for another.
        _ => return Err(ApiError::InvalidFilter.into()),
    };
    let author = Author {
        id: 0,
        may_give_power: permitted.may_give_power,
    };
    let written = written(exchange, values.clone(), stored, author).await?;
    let renamed = stored.and_then(|row| {
        let name = written.get("name")?.as_str()?;
        (name != row.name).then(|| (row, name.to_owned()))
    });
    let name = written.get("name").cloned();
    // The request is sent for the row that was checked, and without parameters that would leave out
    // values.
    let api = exchange.app.config.http.api_path();
    let parameters = parameters.only(&["token", "locale"]);
    let target = match stored {
        None => parameters.append_to(&format!("{api}authenticators:create")),
        Some(row) => parameters
            .with("filterByTk", &row.id.to_string())
            .append_to(&format!("{api}authenticators:update")),
    };
    let rename = match renamed {
        Some((row, new)) => Some(Rename::begin(exchange, row, new).await?),
        None => None,
    };
    let answer = pass(exchange, &Value::Object(written), &target).await?;
    // An error may be that of a proxy in between, which knows nothing of what NocoBase did.
    if let Some(rename) = rename.filter(|_| answer.status().is_success()) {
        rename.finish(exchange).await;
    }
    let found = stored.map_or(Stored::None, Stored::One);
    record(exchange, address, name.as_ref(), &found, &answer).await;
    Ok(answer)
}

/// Records in the audit trail that NocoBase has saved an authenticator.
async fn record(
    exchange: &Exchange,
    address: &Address,
    name: Option<&Value>,
    stored: &Stored<'_>,
    answer: &HttpResponse,
) {
    if !answer.status().is_success() {
        return;
    }
    let action = if address.action == "update" {
        Action::AuthenticatorUpdate
    } else {
        Action::AuthenticatorCreate
    };
    let name = match (name.and_then(Value::as_str), stored) {
        (Some(name), _) => name,
        (None, Stored::One(row)) => &row.name,
        (None, _) => "",
    };
    permission::record(exchange, action, name).await;
}

/// Which stored authenticators a change is for.
enum Stored<'a> {
    /// No authenticator is named, or the named one does not exist.
    None,
    /// One authenticator.
    One(&'a Model),
    /// Several authenticators, or those that a filter finds.
    Several,
}

fn target<'a>(address: &Address, parameters: &Parameters, rows: &'a [Model]) -> Stored<'a> {
    match NamedRows::of(address, parameters) {
        NamedRows::One(key) => match key.parse::<i64>() {
            Ok(id) => rows
                .iter()
                .find(|row| row.id == id)
                .map_or(Stored::None, Stored::One),
            Err(_) => Stored::Several,
        },
        NamedRows::None => Stored::None,
        NamedRows::Several => Stored::Several,
    }
}

/// Whether an authenticator of a provider is created or changed.
fn concerns_us(
    providers: &Providers,
    values: &Value,
    stored: &Stored<'_>,
    address: &Address,
) -> bool {
    // The type may appear at any depth, because NocoBase also accepts several rows, and `values`
    // for `updateOrCreate`.
    let mut types = providers.iter().map(|provider| provider.names().auth_type);
    let named = types.any(|auth_type| mentions(values, "authType", auth_type));
    match stored {
        Stored::One(row) => named || providers.has_type(&row.auth_type),
        Stored::Several => true,
        Stored::None => named || address.action.ends_with("OrCreate"),
    }
}

/// Whether this type appears under this key at any depth.
pub(super) fn mentions(value: &Value, name: &str, auth_type: &str) -> bool {
    match value {
        Value::Array(items) => items.iter().any(|item| mentions(item, name, auth_type)),
        Value::Object(fields) => fields.iter().any(|(key, value)| {
            // A list or an object could become a text in NocoBase, so it counts as the type.
            let names = match value {
                Value::String(text) => text.trim().eq_ignore_ascii_case(auth_type),
                Value::Array(_) | Value::Object(_) => true,
                _ => false,
            };
            (key == name && names) || mentions(value, name, auth_type)
        }),
        _ => false,
    }
}

/// Whether the values contain names with a special meaning in JavaScript, or one that changes the
/// table to which NocoBase writes.
pub(super) fn names_of_javascript(value: &Value) -> bool {
    match value {
        Value::Array(items) => items.iter().any(names_of_javascript),
        Value::Object(fields) => fields.iter().any(|(key, value)| {
            matches!(
                key.as_str(),
                "__proto__" | "constructor" | "prototype" | "__collection"
            ) || names_of_javascript(value)
        }),
        _ => false,
    }
}

/// Whether a row is enabled after these values are written; `stored` is what it was before.
pub(super) fn is_enabled_after(
    values: &Map<String, Value>,
    stored: Option<bool>,
) -> Result<bool, ApiError> {
    match values.get("enabled") {
        None => Ok(stored.unwrap_or(false)),
        Some(Value::Null) => Ok(false),
        Some(Value::Bool(enabled)) => Ok(*enabled),
        Some(_) => Err(ApiError::invalid("Enabled", Problem::WRONG)),
    }
}

/// The values that NocoBase receives: `enabled` is false, and the options hold the effective state
/// and a signature.
async fn written(
    exchange: &Exchange,
    mut values: Map<String, Value>,
    stored: Option<&Model>,
    author: Author,
) -> Result<Map<String, Value>, SpliceFailure> {
    let providers = &exchange.app.providers;
    let auth_type = match values.get("authType") {
        None => stored.map_or_else(String::new, |row| row.auth_type.clone()),
        Some(Value::String(text)) => text.clone(),
        Some(_) => return Err(invalid("Auth Type")),
    };
    let is_of_provider = providers.has_type(&auth_type);
    // A type that differs from a provider's only in spaces or letter case is a mistake, or an
    // attempt to get around the checks.
    let mut types = providers.iter().map(|provider| provider.names().auth_type);
    if !is_of_provider && types.any(|known| auth_type.trim().eq_ignore_ascii_case(known)) {
        return Err(invalid("Auth Type"));
    }
    // Stored options are used only when the type stays the same: a secret of one type could be
    // shown by another.
    let kept = stored.filter(|row| is_of_provider && row.auth_type == auth_type);
    let kept = kept.map(|row| &row.options);
    let enabled = is_enabled_after(&values, stored.and_then(|row| row.enabled))?;
    let mut options = match values.remove("options") {
        Some(options @ Value::Object(_)) => options,
        Some(_) => return Err(invalid("options")),
        None => kept.cloned().unwrap_or_else(|| json!({})),
    };
    effective_state::take(&mut options);
    options_signature::remove(&mut options);
    providers.keep_masked(&auth_type, &mut options, kept);
    providers.tidy(&auth_type, &mut options);
    let stored_name = stored.map(|row| row.name.as_str());
    let name = match values.get("name") {
        None | Some(Value::Null) => stored_name,
        Some(Value::String(name)) => Some(name.as_str()),
        Some(_) => return Err(invalid("Name")),
    };
    let store = &exchange.app.store;
    let changed = Changed {
        name: name.unwrap_or_default(),
        auth_type: &auth_type,
        options: &options,
    };
    let checked = authenticator::check_bound(store, providers, stored, changed, author).await;
    checked.map_err(ApiError::from)?;
    if is_of_provider {
        let checked = authenticator::check(store, providers, &auth_type, &options, author).await;
        checked.map_err(ApiError::from)?;
        if name != stored_name {
            let checked = authenticator::check_name(name.unwrap_or_default());
            checked.map_err(ApiError::from)?;
        }
        effective_state::put(&mut options, enabled);
        let key = &exchange.app.options_key;
        let secrets = providers.secrets(&auth_type);
        key.sign(name.unwrap_or_default(), &mut options, secrets);
    }
    values.insert("options".to_owned(), options);
    values.insert(
        "enabled".to_owned(),
        Value::Bool(enabled && !is_of_provider),
    );
    if let Some(row) = stored {
        // NocoBase uses the id in the body to check that another authenticator stays enabled.
        values.insert("id".to_owned(), Value::from(row.id));
    }
    Ok(values)
}

fn invalid(field: &'static str) -> SpliceFailure {
    ApiError::invalid(field, Problem::WRONG).into()
}

/// Sends values to NocoBase. They are written again from the parsed values, so that NocoBase
/// receives exactly what was checked.
async fn pass(exchange: &Exchange, values: &Value, target: &str) -> SpliceResult {
    let (outgoing, body) = with_values(exchange, values, target)?;
    let states = EffectiveStates::load(&exchange.app.store, &exchange.app.providers).await?;
    let show = |data: &mut Value| states.show(data);
    let answer = change_answer(exchange, outgoing, body, Shows::Authenticators, show).await;
    exchange.gateway.tables.read_again(&exchange.app).await;
    answer
}
