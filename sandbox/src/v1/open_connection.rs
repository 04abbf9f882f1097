//! Issues tickets for connections of the Stream (developerpedia, "Stream protocol").

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{ACCEPT, ContentType, HOST},
    web::{Bytes, Data},
};
use serde::Serialize;

use super::{fields::Fields, refusal::Refusal};
use crate::state::platform::Platform;

/// The address of the connection and its ticket.
#[derive(Serialize)]
struct Connection {
    endpoint: String,
    ticket: String,
}

/// `POST /v1.0/gateway/connections/open`. It needs no token. According to DingTalk's Node SDK, the
/// answer is XML for clients that do not accept JSON; the names of its elements are an assumption.
pub async fn open(
    platform: Data<Platform>,
    request: HttpRequest,
    body: Bytes,
) -> Result<HttpResponse, Refusal> {
    let fields = Fields::read(&request, &body)?;
    let client_id = fields.required("clientId")?;
    let client_secret = fields.required("clientSecret")?;
    let topics = fields.list("subscriptions")?;
    let state = &mut *platform.lock();
    state
        .authenticate(client_id, client_secret)
        .ok_or(Refusal::AuthenticationFailed)?;
    let header = |name| {
        let value = request.headers().get(name);
        value.and_then(|value| value.to_str().ok())
    };
    let host = header(HOST).ok_or(Refusal::UnknownError)?;
    let now = state.clock.now();
    let other = state.events.settings.endpoint.clone();
    let opened = Connection {
        endpoint: other.unwrap_or_else(|| format!("ws://{host}/connect")),
        ticket: state.stream.issue_ticket(client_id, topics, now),
    };
    if header(ACCEPT).is_some_and(|accepted| accepted.contains("application/json")) {
        return Ok(HttpResponse::Ok().json(opened));
    }
    let Connection { endpoint, ticket } = opened;
    Ok(HttpResponse::Ok()
        .content_type(ContentType::xml())
        .body(format!(
            "<Response><endpoint>{endpoint}</endpoint><ticket>{ticket}</ticket></Response>"
        )))
}
