//! Asking NocoBase for the permissions of a caller. The request has the caller's own token, so that
//! NocoBase's rules and its cached state apply.

use actix_web::HttpResponse;
use actix_web::http::header::{HeaderMap as ActixHeaders, HeaderName as ActixName};
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
use crate::edge::audit::origin;
use crate::edge::authority::Granted;
use crate::edge::head::token;
use crate::edge::{ApiError, peer};

/// A caller who has the permission.
pub struct Permitted {
    /// Whether the caller may change the roles of accounts.
    pub may_give_power: bool,
    /// Whether the caller may remove anybody's rows.
    pub may_destroy: bool,
    /// The token that replaces the caller's, with its cookies, which the answer has to carry.
    renewal: ActixHeaders,
}

impl Permitted {
    /// Adds what NocoBase sent with the permission to the answer.
    pub fn hand_over(&self, answer: &mut HttpResponse) {
        hand_over(&self.renewal, answer);
    }
}

/// Headers of NocoBase's answer that concern the session.
const OF_SESSION: [ActixName; 2] = [
    ActixName::from_static("x-new-token"),
    ActixName::from_static("set-cookie"),
];

/// Asks whether the caller may use a settings area. Otherwise returns the answer for the client.
pub async fn ask(exchange: &Exchange, snippet: &str) -> Result<Permitted, HttpResponse> {
    let granted = role_of(exchange).await?;
    permitted(granted, snippet).map_err(|error| exchange.refused(error))
}

/// What a caller with this role may do in a settings area.
pub fn permitted(granted: Granted, snippet: &str) -> Result<Permitted, ApiError> {
    if !granted.role.allows(snippet) {
        return Err(ApiError::Forbidden);
    }
    let updates = granted.role.scope("update") == Some(Scope::All);
    Ok(Permitted {
        may_give_power: updates && granted.role.allows("pm.acl.roles"),
        may_destroy: granted.role.scope("destroy") == Some(Scope::All),
        renewal: granted.headers,
    })
}

/// Adds what NocoBase sent with the role to the answer, unless the answer has a token of its own: a client reads one.
pub fn hand_over(renewal: &ActixHeaders, answer: &mut HttpResponse) {
    if answer.headers().contains_key("x-new-token") {
        return;
    }
    for (name, value) in renewal {
        answer.headers_mut().append(name.clone(), value.clone());
    }
}

/// Asks for the role of the caller. Returns NocoBase's own answer when there is none.
pub async fn role_of(exchange: &Exchange) -> Result<Granted, HttpResponse> {
    let request = &exchange.request;
    let failed = |error| unavailable::answer(&error, request, &exchange.app.config.http);
    let outgoing = question(exchange).map_err(failed)?;
    let response = outgoing.send(&exchange.upstream, RequestBody::Empty).await;
    let response = response.map_err(failed)?;
    if response.status() != http::StatusCode::OK {
        return Err(proxy::answer(response, false, None));
    }
    let (head, incoming) = response.into_parts();
    let body = Upstream::read(incoming).await.map_err(failed)?;
    let body: Value = serde_json::from_slice(&body).unwrap_or_default();
    let mut all = ActixHeaders::new();
    super::headers::copy_to(&head.headers, &mut all);
    let mut headers = ActixHeaders::new();
    for name in OF_SESSION {
        for value in all.get_all(&name) {
            headers.append(name.clone(), value.clone());
        }
    }
    let rights = body.get("data").unwrap_or(&Value::Null);
    Ok(Granted {
        role: described(rights),
        headers,
    })
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
    let token = token(&exchange.request, &exchange.query)?;
    exchange.app.sessions.read(&token)?.user_id
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
    use actix_web::http::header::HeaderValue as ActixValue;
    use serde_json::json;

    use super::*;

    fn granted(actions: &Value, snippets: &Value) -> Granted {
        let mut headers = ActixHeaders::new();
        for (name, value) in [("x-new-token", "next"), ("set-cookie", "a=b")] {
            headers.append(ActixName::from_static(name), ActixValue::from_static(value));
        }
        let rights = json!({
            "role": "office", "allowAll": false,
            "strategy": {"actions": actions}, "snippets": snippets,
        });
        Granted {
            role: described(&rights),
            headers,
        }
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
            let permitted = permitted(granted(&actions, snippets), "pm.x");
            let Ok(permitted) = permitted else {
                panic!("{actions} {snippets}");
            };
            let found = (permitted.may_give_power, permitted.may_destroy);
            assert_eq!(found, (power, destroys), "{actions} {snippets}");
        }
        let refused = permitted(granted(&json!(["update"]), &json!(["pm.y"])), "pm.x");
        assert!(refused.is_err());
    }

    #[test]
    fn a_new_token_is_handed_over_unless_the_answer_has_one() {
        let Ok(permitted) = permitted(granted(&json!([]), &json!(["pm.x"])), "pm.x") else {
            panic!("the area is allowed");
        };
        let mut bare = HttpResponse::Ok().finish();
        permitted.hand_over(&mut bare);
        assert_eq!(bare.headers().get("x-new-token").unwrap(), "next");
        assert_eq!(bare.headers().get("set-cookie").unwrap(), "a=b");
        let mut own = HttpResponse::Ok()
            .insert_header(("x-new-token", "own"))
            .finish();
        permitted.hand_over(&mut own);
        let tokens: Vec<_> = own.headers().get_all("x-new-token").collect();
        assert_eq!(tokens, ["own"]);
        assert!(!own.headers().contains_key("set-cookie"));
    }
}
