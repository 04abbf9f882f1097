//! Passing a client's request on to NocoBase, as an ordinary request or as a WebSocket.

use actix_web::{HttpResponse, web};

use super::exchange::Exchange;
use super::outgoing::Outgoing;
use super::proxy::{body_of, pass_with};
use super::reading::Application;
use super::websocket;

/// Passes a client's request on and returns the answer, both as streams.
pub async fn pass(
    mut outgoing: Outgoing,
    exchange: &Exchange,
    application: Application,
    payload: web::Payload,
) -> HttpResponse {
    let request = &exchange.request;
    if application == Application::Main {
        exchange.name_known_authenticators(&mut outgoing);
    }
    if websocket::is_asked_for(request) {
        return websocket::tunnel(outgoing, exchange, application, payload).await;
    }
    let body = body_of(request, payload);
    pass_with(outgoing, exchange, body).await
}
