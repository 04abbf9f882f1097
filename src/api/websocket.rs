//! `/ws` — the connection over which NocoBase tells its pages what happens.

use std::sync::Arc;

use actix_web::{HttpRequest, HttpResponse, web};
use actix_ws::{AggregatedMessage, Session};
use futures_util::StreamExt;
use serde::Deserialize;

use super::peer;
use crate::app::App;

/// Longest message that a page may send; a token is some hundred bytes.
const LARGEST_MESSAGE: usize = 64 * 1024;

/// What a page says.
#[derive(Deserialize)]
#[serde(tag = "type")]
enum FromPage {
    /// Who it belongs to.
    #[serde(rename = "auth:token")]
    Token { payload: TokenPayload },
}

#[derive(Deserialize)]
struct TokenPayload {
    token: Option<String>,
}

/// Opens a connection. Anybody may, as at NocoBase; but not a page of another site.
pub async fn connect(
    app: web::Data<Arc<App>>,
    request: HttpRequest,
    payload: web::Payload,
) -> HttpResponse {
    if peer::is_foreign(&request, &app.config.http) {
        return HttpResponse::Forbidden().finish();
    }
    let Ok((response, session, messages)) = actix_ws::handle(&request, payload) else {
        return HttpResponse::BadRequest().finish();
    };
    let messages = messages
        .max_frame_size(LARGEST_MESSAGE)
        .aggregate_continuations();
    let messages = messages.max_continuation_size(LARGEST_MESSAGE);
    actix_web::rt::spawn(converse(app.get_ref().clone(), session, messages));
    response
}

async fn converse(
    app: Arc<App>,
    mut session: Session,
    mut messages: actix_ws::AggregatedMessageStream,
) {
    while let Some(Ok(message)) = messages.next().await {
        let sent = match message {
            AggregatedMessage::Text(text) => answer(&app, &mut session, &text).await,
            AggregatedMessage::Ping(bytes) => session.pong(&bytes).await,
            AggregatedMessage::Close(_) => break,
            _ => Ok(()),
        };
        if sent.is_err() {
            return;
        }
    }
    // The page is gone, or will be.
    let _ = session.close(None).await;
}

/// What is not understood, the text `ping` among it, is passed over in silence.
async fn answer(app: &App, session: &mut Session, text: &str) -> Result<(), actix_ws::Closed> {
    let Ok(FromPage::Token { payload }) = serde_json::from_str(text) else {
        return Ok(());
    };
    let Some(token) = payload.token else {
        return Ok(());
    };
    if app.sessions.would_accept(&app.store, &token).await {
        session.text(r#"{"type":"authorized"}"#).await?;
    }
    Ok(())
}
