//! Who may: NocoBase is asked, with what the caller showed, so that its rules and its memory count.

use actix_web::HttpResponse;
use actix_web::http::header::{HeaderMap as ActixHeaders, HeaderName as ActixName};
use http::header::{ACCEPT, ACCEPT_ENCODING, CONTENT_TYPE, HeaderValue};
use serde_json::Value;
use url::form_urlencoded;

use super::body::RequestBody;
use super::proxy::{self, Outgoing};
use super::upstream::Upstream;
use super::{Edge, unavailable};
use crate::api::audit::origin;
use crate::api::call::token;
use crate::api::plugins::Who;
use crate::api::{ApiError, peer};
use crate::domain::audit::{self, Action, Event};
use crate::domain::role;

/// A caller who may.
pub struct Permitted {
    /// Whether the caller may change the roles of accounts.
    pub may_give_power: bool,
    /// A successor of the caller's token, with its cookies, which the answer has to carry.
    renewal: ActixHeaders,
}

impl Permitted {
    /// Gives the caller what NocoBase said beside the permission.
    pub fn hand_over(&self, answer: &mut HttpResponse) {
        for (name, value) in &self.renewal {
            answer.headers_mut().append(name.clone(), value.clone());
        }
    }
}

/// Headers of an answer that concern the session and not the question.
const OF_SESSION: [ActixName; 2] = [
    ActixName::from_static("x-new-token"),
    ActixName::from_static("set-cookie"),
];

/// Asks whether the caller may use a settings area. The answer to give otherwise.
pub async fn ask(edge: &Edge<'_>, snippet: &str) -> Result<Permitted, HttpResponse> {
    let request = edge.request;
    let outgoing = question(edge).await?;
    let failed = |error| unavailable::answer(&error, request, &edge.app.config.http);
    let response = outgoing.send(edge.upstream, RequestBody::Empty).await;
    let response = response.map_err(failed)?;
    if response.status() != http::StatusCode::OK {
        return Err(proxy::answer(response, false));
    }
    let (head, incoming) = response.into_parts();
    let body = Upstream::read(incoming).await.map_err(failed)?;
    let body: Value = serde_json::from_slice(&body).unwrap_or_default();
    let rights = body.get("data").unwrap_or(&Value::Null);
    let is_all = rights.get("allowAll") == Some(&Value::Bool(true));
    let snippets = rights.get("snippets").unwrap_or(&Value::Null);
    if !is_all && !role::snippets_allow(snippets, snippet) {
        return Err(edge.own(ApiError::Forbidden.into_response(edge.locale())));
    }
    let mut all = ActixHeaders::new();
    super::headers::copy_to(&head.headers, &mut all);
    let mut renewal = ActixHeaders::new();
    for name in OF_SESSION {
        for value in all.get_all(&name) {
            renewal.append(name.clone(), value.clone());
        }
    }
    let updates = rights
        .pointer("/strategy/actions")
        .and_then(Value::as_array);
    let updates = updates.is_some_and(|actions| actions.iter().any(|action| action == "update"));
    let may_give_power = is_all || (updates && role::snippets_allow(snippets, "pm.acl.roles"));
    Ok(Permitted {
        may_give_power,
        renewal,
    })
}

/// `roles:check`, asked as the caller.
async fn question(edge: &Edge<'_>) -> Result<Outgoing, HttpResponse> {
    let failed = |error| unavailable::answer(&error, edge.request, &edge.app.config.http);
    let mut outgoing = edge.outgoing().await.map_err(failed)?;
    let mut path = format!("{}roles:check", edge.app.config.http.api_path());
    if let Some(token) = edge.query.get("token") {
        let query = form_urlencoded::Serializer::new(String::new())
            .append_pair("token", token)
            .finish();
        path = format!("{path}?{query}");
    }
    outgoing.head.uri = edge.upstream.uri(&path).map_err(failed)?;
    outgoing.head.method = http::Method::GET;
    let headers = &mut outgoing.head.headers;
    headers.remove(CONTENT_TYPE);
    headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
    headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
    Ok(outgoing)
}

/// Who asks, for the log and the audit trail, when NocoBase has said that they may.
pub fn caller_of(edge: &Edge<'_>) -> Who {
    let address = peer::address(edge.request, &edge.app.config.http);
    Who {
        label: format!("a caller from {address}"),
        actor_id: actor(edge),
        origin: origin(edge.app, edge.request, None),
    }
}

/// The account whose token NocoBase has accepted.
fn actor(edge: &Edge<'_>) -> Option<i64> {
    let token = token(edge.request, &edge.query)?;
    edge.app.sessions.read(&token)?.user_id
}

/// Records that NocoBase has done something.
pub async fn record(edge: &Edge<'_>, action: Action, authenticator: &str) {
    let event = Event {
        action,
        refused: None,
        user_id: None,
        actor_id: actor(edge),
        authenticator: Some(authenticator.to_owned()),
        origin: origin(edge.app, edge.request, None),
    };
    audit::record(&edge.app.store, &edge.app.attempts, event).await;
}
