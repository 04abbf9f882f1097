//! The server side of the Stream: the WebSocket that an application keeps open.

use std::time::Duration;

use actix_web::{
    Error, HttpRequest, HttpResponse,
    rt::{
        spawn,
        time::{interval, sleep},
    },
    web::{Data, Payload},
};
use actix_ws::{Message, MessageStream, Session};
use futures_util::StreamExt;
use serde_json::json;
use tokio::sync::mpsc::UnboundedReceiver;
use url::form_urlencoded;

use crate::state::{
    platform::Platform,
    stream::{Outgoing, Stream},
};

/// `GET /connect?ticket=…`: refuses a used, expired or unknown ticket. How the real service answers
/// then is not known, except that it does not upgrade.
pub async fn connect(
    platform: Data<Platform>,
    request: HttpRequest,
    body: Payload,
) -> Result<HttpResponse, Error> {
    let ticket = form_urlencoded::parse(request.query_string().as_bytes())
        .find(|(name, _)| name == "ticket")
        .map(|(_, value)| value.into_owned());
    let opened = {
        let state = &mut *platform.lock();
        let now = state.clock.now();
        ticket.and_then(|ticket| state.stream.open(&ticket, now))
    };
    let Some((id, outgoing)) = opened else {
        let refused = json!({"code": "invalidTicket", "message": "ticket is invalid or expired"});
        return Ok(HttpResponse::Unauthorized().json(refused));
    };
    let upgraded = actix_ws::handle(&request, body);
    let (response, session, messages) = match upgraded {
        Ok(upgraded) => upgraded,
        Err(error) => {
            platform.lock().stream.close(&id);
            return Err(error);
        }
    };
    spawn(serve(platform, id, session, messages, outgoing));
    Ok(response)
}

/// Serves a connection until one side ends it. Dropping the session ends it without a close frame.
async fn serve(
    platform: Data<Platform>,
    id: String,
    mut session: Session,
    mut messages: MessageStream,
    mut outgoing: UnboundedReceiver<Outgoing>,
) {
    let pause = platform.lock().events.settings.ping_ms.max(1);
    let mut pings = interval(Duration::from_millis(pause));
    loop {
        let frame = tokio::select! {
            wanted = outgoing.recv() => match wanted {
                Some(Outgoing::Frame(text)) => Some(text),
                Some(Outgoing::Break) | None => break,
            },
            _ = pings.tick() => {
                let now = platform.lock().clock.now();
                Some(Stream::ping(&id, now))
            }
            message = messages.next() => match message {
                Some(Ok(Message::Text(text))) => {
                    platform.lock().stream.said(&id, &text);
                    None
                }
                Some(Ok(Message::Ping(bytes))) => {
                    platform.lock().stream.asked(&id);
                    if !is_silent(&platform) && session.pong(&bytes).await.is_err() {
                        break;
                    }
                    None
                }
                Some(Ok(Message::Close(_)) | Err(_)) | None => break,
                Some(Ok(_)) => None,
            },
        };
        if let Some(frame) = frame
            && !is_silent(&platform)
            && session.text(frame).await.is_err()
        {
            break;
        }
    }
    platform.lock().stream.close(&id);
}

fn is_silent(platform: &Platform) -> bool {
    platform.lock().events.settings.silent
}

/// Closes connections that were asked to disconnect, after the time that they have for it.
pub async fn see_off(platform: Data<Platform>, dismissed: Vec<String>) {
    let pause = platform.lock().events.settings.goodbye_ms;
    sleep(Duration::from_millis(pause)).await;
    let state = platform.lock();
    state
        .stream
        .cut(|connection| dismissed.contains(&connection.id));
}
