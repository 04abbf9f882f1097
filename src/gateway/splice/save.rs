//! `authenticators:create` and `update`: DingTalk's are checked here and written by NocoBase, with
//! the caller's token and its own rights.

use actix_web::{HttpResponse, web};
use entity::authenticator::Model;
use http::header::{CONTENT_TYPE, HeaderValue};
use serde_json::{Map, Value, json};

use super::authenticators::Truth;
use super::{Failure, Outcome, change_answer};
use crate::api::ApiError;
use crate::api::address::Address;
use crate::api::authenticators::keep_masked;
use crate::api::body::{Body, LIMIT};
use crate::api::error::Problem;
use crate::domain::audit::Action;
use crate::domain::authenticator::{self, Author};
use crate::domain::plugin;
use crate::gateway::body::RequestBody;
use crate::gateway::proxy::Outgoing;
use crate::gateway::{Edge, permission};
use crate::store::true_state;

/// The settings area that NocoBase 2.2.15 asks for here.
const SNIPPET: &str = "pm.auth.authenticators";

/// Saves an authenticator.
pub async fn save(edge: &Edge<'_>, address: &Address, payload: web::Payload) -> Outcome {
    let body = Body::read(edge.request.headers(), payload, LIMIT).await?;
    let rows = edge.app.store.authenticators().await?;
    let stored = target(edge, address, &rows);
    let values = body.value();
    if !concerns_us(values, &stored, address) {
        let answer = pass(edge, values, None).await?;
        record(edge, address, values.get("name"), &stored, &answer).await;
        return Ok(answer);
    }
    // Before anything is said about the row or the values.
    let permitted = permission::ask(edge, SNIPPET).await?;
    let Value::Object(values) = values else {
        return Err(ApiError::BodyWrongType.into());
    };
    let stored = match (address.action.as_str(), stored) {
        ("create", _) => None,
        ("update", Stored::One(row)) => Some(row),
        // Several rows, or those that a filter finds: what is right for one may be wrong for all.
        _ => return Err(ApiError::InvalidFilter.into()),
    };
    let author = Author {
        id: 0,
        may_give_power: permitted.may_give_power,
    };
    let written = written(edge, values.clone(), stored, author).await?;
    let renamed = stored.and_then(|row| {
        let name = written.get("name")?.as_str()?;
        (name != row.name).then(|| (row.name.clone(), name.to_owned()))
    });
    let name = written.get("name").cloned();
    let mut answer = pass(edge, &Value::Object(written), stored).await?;
    let found = stored.map_or(Stored::None, Stored::One);
    record(edge, address, name.as_ref(), &found, &answer).await;
    if let Some((old, new)) = renamed.filter(|_| answer.status().is_success()) {
        edge.app.store.rename_bindings(&old, &new).await?;
    }
    if !answer.headers().contains_key("x-new-token") {
        permitted.hand_over(&mut answer);
    }
    Ok(answer)
}

/// Records what NocoBase has saved.
async fn record(
    edge: &Edge<'_>,
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
    permission::record(edge, action, name).await;
}

/// Which stored authenticators a change is for.
enum Stored<'a> {
    /// None, or none is named.
    None,
    /// This one.
    One(&'a Model),
    /// More than one, or whatever a filter finds.
    Several,
}

fn target<'a>(edge: &Edge<'_>, address: &Address, rows: &'a [Model]) -> Stored<'a> {
    let keys = match &address.key {
        Some(key) => vec![key.clone()],
        None => edge.query.keys(),
    };
    let named = edge
        .request
        .query_string()
        .to_ascii_lowercase()
        .contains("filter");
    match keys.as_slice() {
        [key] => match key.trim().parse::<i64>() {
            Ok(id) => rows
                .iter()
                .find(|row| row.id == id)
                .map_or(Stored::None, Stored::One),
            // NocoBase also takes a key written as JSON.
            Err(_) => Stored::Several,
        },
        [] if !named => Stored::None,
        _ => Stored::Several,
    }
}

/// Whether a DingTalk authenticator is made or changed.
fn concerns_us(values: &Value, stored: &Stored<'_>, address: &Address) -> bool {
    let own_type = &plugin::manifest().auth_type;
    // Wherever the type stands in what is sent: several rows, or `values` of `updateOrCreate`.
    let named = mentions(values, own_type);
    match stored {
        Stored::One(row) => named || row.auth_type == *own_type,
        Stored::Several => true,
        Stored::None => named || address.action.ends_with("OrCreate"),
    }
}

fn mentions(value: &Value, auth_type: &str) -> bool {
    match value {
        Value::Array(items) => items.iter().any(|item| mentions(item, auth_type)),
        Value::Object(fields) => fields.iter().any(|(key, value)| {
            (key == "authType" && value == auth_type) || mentions(value, auth_type)
        }),
        _ => false,
    }
}

/// The values as NocoBase gets them: not in use, with the truth in the options.
async fn written(
    edge: &Edge<'_>,
    mut values: Map<String, Value>,
    stored: Option<&Model>,
    author: Author,
) -> Result<Map<String, Value>, Failure> {
    let own_type = &plugin::manifest().auth_type;
    let auth_type = match values.get("authType") {
        None => stored.map_or_else(String::new, |row| row.auth_type.clone()),
        Some(value) => value.as_str().unwrap_or_default().to_owned(),
    };
    let was_own = stored.filter(|row| row.auth_type == *own_type);
    let enabled = match values.get("enabled") {
        None => stored.and_then(|row| row.enabled).unwrap_or(false),
        Some(Value::Null) => false,
        Some(Value::Bool(enabled)) => *enabled,
        Some(_) => return Err(invalid("Enabled")),
    };
    let mut options = match values.remove("options") {
        Some(options @ Value::Object(_)) => options,
        Some(_) => return Err(invalid("options")),
        // What one type keeps secret another would show.
        None => was_own
            .filter(|_| auth_type == *own_type)
            .map_or_else(|| json!({}), |row| row.options.clone()),
    };
    true_state::take(&mut options);
    keep_masked(&auth_type, &mut options, was_own.map(|row| &row.options));
    let is_own = auth_type == *own_type;
    if is_own {
        let checked = authenticator::check(&edge.app.store, &auth_type, &options, author).await;
        checked.map_err(ApiError::from)?;
        true_state::put(&mut options, enabled);
    }
    values.insert("options".to_owned(), options);
    values.insert("enabled".to_owned(), Value::Bool(enabled && !is_own));
    if let Some(row) = stored {
        // By the body's id NocoBase tells whether another authenticator stays enabled.
        values.insert("id".to_owned(), Value::from(row.id));
    }
    Ok(values)
}

fn invalid(field: &'static str) -> Failure {
    ApiError::invalid(field, Problem::WRONG).into()
}

/// Sends values on, written anew: what was looked at is what NocoBase gets.
async fn pass(edge: &Edge<'_>, values: &Value, stored: Option<&Model>) -> Outcome {
    let mut outgoing: Outgoing = edge.outgoing().await?;
    let headers = &mut outgoing.head.headers;
    let body = if values.is_null() {
        headers.remove(CONTENT_TYPE);
        RequestBody::Empty
    } else {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        RequestBody::Whole(values.to_string().into())
    };
    if let Some(row) = stored {
        // The one that was looked at, however it was named.
        let api = edge.app.config.http.api_path();
        let path = format!("{api}authenticators:update?filterByTk={}", row.id);
        outgoing.head.uri = edge.upstream.uri(&path)?;
        outgoing.head.method = http::Method::POST;
    }
    let truth = Truth::load(&edge.app.store).await?;
    let answer = change_answer(edge, outgoing, body, |data| truth.show(data)).await;
    edge.app.names.forget().await;
    answer
}
