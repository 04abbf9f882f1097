//! Asking NocoBase for the permissions of a caller. The request has the caller's own token, so that
//! NocoBase's rules and its cached state apply.

use actix_web::HttpResponse;
use http::header::{ACCEPT, ACCEPT_ENCODING, CONTENT_TYPE, HeaderValue};
use serde_json::Value;
use url::form_urlencoded;

use super::body::RequestBody;
use super::exchange::Exchange;
use super::outgoing::Outgoing;
use super::proxy;
use super::unavailable;
use super::upstream::{Upstream, UpstreamError};
use crate::api::plugins::Who;
use crate::domain::audit::{self, Action, AuditEvent};
use crate::domain::role::{self, ActingRole, Scope};
use crate::domain::session::Claims;
use crate::edge::audit::origin;
use crate::edge::head::token;
use crate::edge::{ApiError, peer};

/// A caller who has the permission.
pub struct Permitted {
    /// Whether the caller may change the roles of accounts.
    pub may_give_power: bool,
    /// Whether the caller may remove anybody's rows.
    pub may_destroy: bool,
}

/// Asks whether the caller may use a settings area. Otherwise returns the answer for the client.
pub async fn ask(exchange: &Exchange, snippet: &str) -> Result<(), HttpResponse> {
    let role = role_of(exchange).await?;
    match permitted(&role, snippet) {
        Ok(_) => Ok(()),
        Err(error) => Err(exchange.refused(error)),
    }
}

/// What a caller with this role may do in a settings area.
pub fn permitted(role: &ActingRole, snippet: &str) -> Result<Permitted, ApiError> {
    if !role.allows(snippet) {
        return Err(ApiError::Forbidden);
    }
    let updates = role.scope("update") == Some(Scope::All);
    Ok(Permitted {
        may_give_power: updates && role.allows("pm.acl.roles"),
        may_destroy: role.scope("destroy") == Some(Scope::All),
    })
}

/// Asks for the role of the caller. Returns NocoBase's own answer when there is none. A token that
/// NocoBase renews meanwhile is kept in the exchange, for whatever is answered in the end.
pub async fn role_of(exchange: &Exchange) -> Result<ActingRole, HttpResponse> {
    let request = &exchange.request;
    let failed = |error| unavailable::answer(&error, request, &exchange.app.config.http);
    let outgoing = question(exchange).map_err(failed)?;
    let response = outgoing.send(&exchange.upstream, RequestBody::Empty).await;
    let response = response.map_err(failed)?;
    if response.status() != http::StatusCode::OK {
        return Err(proxy::answer(response, false, None));
    }
    let (head, incoming) = response.into_parts();
    exchange.renewal.note(&head.headers);
    let body = Upstream::read(incoming).await.map_err(failed)?;
    let body: Value = serde_json::from_slice(&body).unwrap_or_default();
    Ok(described(body.get("data").unwrap_or(&Value::Null)))
}

/// The role in an answer of `roles:check`.
fn described(rights: &Value) -> ActingRole {
    let name = rights.get("role").and_then(Value::as_str);
    let name = match rights.get("allowAll") {
        Some(Value::Bool(true)) => role::ROOT,
        // Only a caller who may do everything counts as root.
        _ => name.filter(|name| *name != role::ROOT).unwrap_or_default(),
    };
    let part = |key| rights.get(key).cloned();
    ActingRole::described(name, part("strategy"), part("snippets"))
}

/// A request for `roles:check` with the caller's token.
fn question(exchange: &Exchange) -> Result<Outgoing, UpstreamError> {
    let mut path = format!("{}roles:check", exchange.app.config.http.api_path());
    if let Some(token) = exchange.query.get("token") {
        let query = form_urlencoded::Serializer::new(String::new())
            .append_pair("token", token)
            .finish();
        path = format!("{path}?{query}");
    }
    let mut outgoing = exchange.outgoing_to_main(&path)?;
    outgoing.head.method = http::Method::GET;
    let headers = &mut outgoing.head.headers;
    headers.remove(CONTENT_TYPE);
    headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
    headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
    Ok(outgoing)
}

/// The caller, for the log and the audit trail, after NocoBase has confirmed the permission.
pub fn caller_of(exchange: &Exchange) -> Who {
    let address = peer::address(&exchange.request, &exchange.app.config.http);
    Who {
        label: format!("a caller from {address}"),
        actor_id: actor(exchange),
        origin: origin(&exchange.app, &exchange.request, None),
    }
}

/// The account whose token NocoBase has accepted.
fn actor(exchange: &Exchange) -> Option<i64> {
    claims(exchange)?.user_id
}

/// Whether the request has a token that this server or NocoBase has signed. It can have been ended since.
pub fn is_signed(exchange: &Exchange) -> bool {
    claims(exchange).is_some()
}

fn claims(exchange: &Exchange) -> Option<Claims> {
    let token = token(&exchange.request, &exchange.query)?;
    exchange.app.sessions.read(&token)
}

/// Records that NocoBase has performed an action.
pub async fn record(exchange: &Exchange, action: Action, authenticator: &str) {
    let event = AuditEvent {
        action,
        refused: None,
        user_id: None,
        person: None,
        actor_id: actor(exchange),
        authenticator: Some(authenticator.to_owned()),
        origin: origin(&exchange.app, &exchange.request, None),
    };
    audit::record(&exchange.app.store, &exchange.app.guess_limits, event).await;
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn granted(actions: &Value, snippets: &Value) -> ActingRole {
        described(&json!({
            "role": "office", "allowAll": false,
            "strategy": {"actions": actions}, "snippets": snippets,
        }))
    }

    #[test]
    fn power_needs_all_accounts_and_the_roles_and_removal_needs_all_rows() {
        let both = json!(["pm.x", "pm.acl.roles"]);
        for (actions, snippets, power, destroys) in [
            (json!(["update"]), &both, true, false),
            (json!(["update:own"]), &both, false, false),
            (json!(["view"]), &both, false, false),
            (json!(["update", "destroy"]), &json!(["pm.x"]), false, true),
            (json!(["destroy:own"]), &both, false, false),
        ] {
            let permitted = permitted(&granted(&actions, snippets), "pm.x");
            let Ok(permitted) = permitted else {
                panic!("{actions} {snippets}");
            };
            let found = (permitted.may_give_power, permitted.may_destroy);
            assert_eq!(found, (power, destroys), "{actions} {snippets}");
        }
        let refused = permitted(&granted(&json!(["update"]), &json!(["pm.y"])), "pm.x");
        assert!(refused.is_err());
    }
}
