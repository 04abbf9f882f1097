//! WebSocket connections, as two streams of bytes that are followed just closely enough to insert
//! messages.
//!
//! Frames are not decoded and encoded again, so what either end sends arrives unchanged, and is not
//! kept in memory.

mod frame_head;
mod from_client;
mod to_client;

use std::convert::Infallible;

use actix_web::http::header::{self as actix, HeaderMap as ActixHeaders};
use actix_web::{HttpRequest, HttpResponse, web};
use bytes::{Bytes, BytesMut};
use futures_util::{StreamExt, stream};
use http::header::{CONNECTION, HeaderMap, HeaderValue, SEC_WEBSOCKET_EXTENSIONS, UPGRADE};
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncReadExt, AsyncWriteExt, ReadHalf, WriteHalf};
use tokio::sync::mpsc;

pub(crate) use self::from_client::FromClient;
pub(crate) use self::to_client::ToClient;
use super::body::RequestBody;
use super::exchange::Exchange;
use super::outgoing::Outgoing;
use super::proxy;
use super::reading::Application;
use super::{Gateway, headers, unavailable};
use crate::chain::Chain;
use crate::edge::cross_origin::note_one_address;
use crate::edge::open_pages::ConnectionSlot;
use crate::edge::peer;

/// How many pieces may wait for a page.
const PIECES: usize = 4;
/// How many bytes are read at once while much arrives.
const READ: usize = 16 * 1024;
/// How many bytes are read at once otherwise: most pages are silent, and thousands of them are
/// open.
const QUIET_READ: usize = 1024;

/// Whether a client asks for a WebSocket.
pub fn is_asked_for(request: &HttpRequest) -> bool {
    request.method() == actix_web::http::Method::GET
        && has_word(request.headers(), &actix::UPGRADE, "websocket")
        && has_word(request.headers(), &actix::CONNECTION, "upgrade")
}

fn has_word(headers: &ActixHeaders, name: &actix::HeaderName, word: &str) -> bool {
    headers
        .get_all(name)
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|value| value.trim().eq_ignore_ascii_case(word))
}

/// Connects a page with NocoBase. Nothing is changed or inserted for pages of sub-applications.
pub async fn tunnel(
    mut outgoing: Outgoing,
    exchange: &Exchange,
    application: Application,
    payload: web::Payload,
) -> HttpResponse {
    let app = &exchange.app;
    let is_main = application == Application::Main;
    let Some(slot) = exchange
        .gateway
        .pages
        .join(peer::address(&exchange.request, &app.config.http))
    else {
        log::warn!("a page is not connected: too many are");
        note_one_address(app, &exchange.request);
        return HttpResponse::ServiceUnavailable().finish();
    };
    let asked = &mut outgoing.head.headers;
    asked.insert(CONNECTION, HeaderValue::from_static("upgrade"));
    asked.insert(UPGRADE, HeaderValue::from_static("websocket"));
    // Compressed messages could not be followed.
    asked.remove(SEC_WEBSOCKET_EXTENSIONS);
    let masking = proxy::masking_of(exchange, &mut outgoing);
    let mut response = match outgoing.send(&exchange.upstream, RequestBody::Empty).await {
        Ok(response) => response,
        Err(error) => return unavailable::answer(&error, &exchange.request, &app.config.http),
    };
    if response.status() != http::StatusCode::SWITCHING_PROTOCOLS {
        // An ordinary answer, whatever the client asked for: its secrets are masked like any other's.
        return proxy::answer(response, false, masking);
    }
    let upgraded = match hyper::upgrade::on(&mut response).await {
        Ok(upgraded) => upgraded,
        Err(error) => {
            log::warn!(
                "NocoBase did not open a WebSocket: {error}",
                error = Chain(&error)
            );
            return HttpResponse::BadGateway().finish();
        }
    };
    let mut answer = HttpResponse::SwitchingProtocols();
    answer.upgrade("websocket");
    let (from_upstream, to_upstream) = tokio::io::split(TokioIo::new(upgraded));
    let gateway = is_main.then(|| exchange.gateway.clone());
    actix_web::rt::spawn(from_page(payload, to_upstream, gateway));
    let (sender, receiver) = mpsc::channel(PIECES);
    actix_web::rt::spawn(to_page(from_upstream, slot, is_main, sender));
    let pieces = stream::unfold(receiver, |mut receiver| async {
        let piece = receiver.recv().await?;
        Some((Ok::<_, Infallible>(piece), receiver))
    });
    let mut answer = answer.streaming(pieces);
    copy_accepted(response.headers(), answer.headers_mut());
    answer
}

/// Copies what NocoBase says about the new protocol.
fn copy_accepted(from: &HeaderMap, to: &mut ActixHeaders) {
    let mut accepted = from.clone();
    headers::remove_hop_by_hop(&mut accepted);
    accepted.remove(SEC_WEBSOCKET_EXTENSIONS);
    to.remove(actix::CONTENT_TYPE);
    headers::copy_to(&accepted, to);
}

type FromUpstream = ReadHalf<TokioIo<Upgraded>>;
type ToUpstream = WriteHalf<TokioIo<Upgraded>>;

/// Passes on what the page sends, until either end closes. For the main application, unknown names
/// of authenticators are replaced.
async fn from_page(
    mut payload: web::Payload,
    mut upstream: ToUpstream,
    main: Option<web::Data<Gateway>>,
) {
    let mut stream = FromClient::default();
    while let Some(Ok(piece)) = payload.next().await {
        let piece = match &main {
            Some(gateway) => {
                let tables = gateway.tables.get();
                stream.take(&piece, |name| tables.substitute_for(name))
            }
            None => piece,
        };
        if !piece.is_empty() && upstream.write_all(&piece).await.is_err() {
            break;
        }
    }
    let _ = upstream.shutdown().await;
}

/// Passes on what NocoBase sends, with the gateway's own messages in between, until either end
/// closes.
async fn to_page(
    mut upstream: FromUpstream,
    mut slot: ConnectionSlot,
    is_main: bool,
    page: mpsc::Sender<Bytes>,
) {
    let mut follower = ToClient::default();
    let mut waiting: Vec<Bytes> = Vec::new();
    let mut buffer = BytesMut::with_capacity(QUIET_READ);
    loop {
        tokio::select! {
            read = upstream.read_buf(&mut buffer) => {
                if !matches!(read, Ok(1..)) {
                    return;
                }
                let is_full = buffer.len() == buffer.capacity();
                let next = BytesMut::with_capacity(if is_full { READ } else { QUIET_READ });
                let mut piece = std::mem::replace(&mut buffer, next).freeze();
                let gap = follower.follow(&piece);
                if let Some(gap) = gap.filter(|_| !waiting.is_empty()) {
                    let rest = piece.split_off(gap);
                    if send(&page, piece).await.is_err() {
                        return;
                    }
                    for message in waiting.drain(..) {
                        if send(&page, message).await.is_err() {
                            return;
                        }
                    }
                    piece = rest;
                }
                if send(&page, piece).await.is_err() {
                    return;
                }
            }
            text = slot.next() => {
                let Some(text) = text else {
                    // The gateway is stopping, or the page is too slow to get all messages.
                    if follower.fits() {
                        let _ = send(&page, Bytes::from_static(&frame_head::GOING_AWAY)).await;
                    }
                    return;
                };
                if !is_main {
                    continue;
                }
                let message = Bytes::from(frame_head::text(text.as_bytes(), None));
                if !follower.fits() {
                    waiting.push(message);
                } else if send(&page, message).await.is_err() {
                    return;
                }
            }
            () = page.closed() => return,
        }
    }
}

async fn send(
    page: &mpsc::Sender<Bytes>,
    piece: Bytes,
) -> Result<(), mpsc::error::SendError<Bytes>> {
    if piece.is_empty() {
        return Ok(());
    }
    page.send(piece).await
}

#[cfg(test)]
mod tests {
    use actix_web::http::Method;
    use actix_web::test::TestRequest;

    use super::*;

    fn asks(method: Method, connection: &str, upgrade: &str) -> bool {
        let request = TestRequest::default()
            .method(method)
            .insert_header(("connection", connection))
            .insert_header(("upgrade", upgrade));
        is_asked_for(&request.to_http_request())
    }

    #[test]
    fn a_websocket_is_asked_for_by_a_method_and_two_headers() {
        assert!(asks(Method::GET, "keep-alive, Upgrade", "WebSocket"));
        for (method, connection, upgrade) in [
            (Method::POST, "upgrade", "websocket"),
            (Method::GET, "close", "websocket"),
            (Method::GET, "upgrade", "h2c"),
        ] {
            let asked = asks(method.clone(), connection, upgrade);
            assert!(!asked, "{method} {connection} {upgrade}");
        }
    }
}
