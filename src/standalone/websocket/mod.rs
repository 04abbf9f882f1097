//! `/ws`: the connection over which NocoBase tells its pages what happens.

mod heartbeat;

use std::sync::Arc;
use std::time::{Duration, Instant};

use actix_web::{HttpRequest, HttpResponse, web};
use actix_ws::{AggregatedMessage, AggregatedMessageStream, Closed, Session};
use futures_util::StreamExt;
use serde::Deserialize;

use self::heartbeat::{ASK_EVERY, Heartbeat};
use crate::edge::cross_origin::{note_one_address, refuse_cross_origin};
use crate::edge::open_pages::{ConnectionSlot, PageMessage};
use crate::edge::peer;
use crate::metrics::RequestKind;
use crate::standalone::Standalone;
use crate::state::AppState;

/// The longest message that a page may send, in bytes; a token has some hundred.
const LARGEST_MESSAGE: usize = 64 * 1024;
/// How long a page may take to accept a message when the system's buffers are full.
const SEND_TIMEOUT: Duration = Duration::from_secs(10);

/// A message from a page.
#[derive(Deserialize)]
#[serde(tag = "type")]
enum FromPage {
    /// The token of the session to which the page belongs.
    #[serde(rename = "auth:token")]
    Token { payload: TokenPayload },
}

#[derive(Deserialize)]
struct TokenPayload {
    token: Option<String>,
}

/// Opens a connection. Anybody may open one, as in NocoBase, except pages of other sites.
pub async fn connect(
    server: web::Data<Standalone>,
    request: HttpRequest,
    payload: web::Payload,
) -> HttpResponse {
    let started = Instant::now();
    let answer = open(&server, &request, payload);
    let requests = &server.app.metrics.requests;
    requests.count(
        RequestKind::WebSocket,
        answer.status().as_u16(),
        started.elapsed(),
    );
    answer
}

fn open(server: &Standalone, request: &HttpRequest, payload: web::Payload) -> HttpResponse {
    let (app, pages) = (&server.app, &server.parts.pages);
    if refuse_cross_origin(app, request, None).is_err() {
        return HttpResponse::Forbidden().finish();
    }
    let Some(slot) = pages.join(peer::address(request, &app.config.http)) else {
        log::warn!("a page is not connected: too many are");
        note_one_address(app, request);
        return HttpResponse::ServiceUnavailable().finish();
    };
    let Ok((response, session, messages)) = actix_ws::handle(request, payload) else {
        return HttpResponse::BadRequest().finish();
    };
    let messages = messages
        .max_frame_size(LARGEST_MESSAGE)
        .aggregate_continuations();
    let messages = messages.max_continuation_size(LARGEST_MESSAGE);
    actix_web::rt::spawn(converse(app.clone(), slot, session, messages));
    response
}

/// Exchanges messages until either end closes the connection.
async fn converse(
    app: Arc<AppState>,
    mut slot: ConnectionSlot,
    mut session: Session,
    mut messages: AggregatedMessageStream,
) {
    let mut heartbeat = Heartbeat::new(Instant::now());
    let mut ask = tokio::time::interval(ASK_EVERY);
    // The first tick comes at once.
    ask.tick().await;
    loop {
        let outcome = tokio::select! {
            message = messages.next() => {
                let Some(Ok(message)) = message else { break };
                heartbeat.message_received(Instant::now());
                match message {
                    AggregatedMessage::Text(text) => answer(&app, &mut session, &text).await,
                    AggregatedMessage::Ping(bytes) => in_time(session.pong(&bytes)).await,
                    AggregatedMessage::Close(_) => break,
                    _ => Ok(()),
                }
            }
            text = slot.next() => match text {
                Some(text) => in_time(session.text(&*text)).await,
                None => break,
            },
            _ = ask.tick() => {
                if !heartbeat.is_alive(Instant::now()) {
                    break;
                }
                in_time(session.ping(b"")).await
            }
        };
        if outcome.is_err() {
            return;
        }
    }
    // The other end is gone, or is being sent away.
    let _ = in_time(session.close(None)).await;
}

/// Answers a message. Unknown messages are ignored, including the text `ping`.
async fn answer(app: &AppState, session: &mut Session, text: &str) -> Result<(), Closed> {
    let Ok(FromPage::Token { payload }) = serde_json::from_str(text) else {
        return Ok(());
    };
    let Some(token) = payload.token else {
        return Ok(());
    };
    if app.sessions.would_accept(&app.store, &token).await
        && let Ok(text) = serde_json::to_string(&PageMessage::Authorized)
    {
        in_time(session.text(text)).await?;
    }
    Ok(())
}

/// Sends something, and fails when the other end does not accept it in time.
async fn in_time(send: impl Future<Output = Result<(), Closed>>) -> Result<(), Closed> {
    tokio::time::timeout(SEND_TIMEOUT, send)
        .await
        .unwrap_or(Err(Closed))
}
