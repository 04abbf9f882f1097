//! The Stream: a WebSocket that this server opens to DingTalk.
//!
//! The HTTP client of all other calls makes the connection, so that TLS, proxies and the refusal of redirects are the
//! same. What follows the upgrade are frames, whose size is limited.

use async_trait::async_trait;
use futures_util::{SinkExt, StreamExt};
use reqwest::{StatusCode, Upgraded, header};
use serde::Deserialize;
use serde_json::json;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::client::generate_key;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Bytes, Error as WebSocketError, Message};
use url::Url;

use super::super::client::DingTalkClient;
use super::super::connection_failure::ConnectionFailure;
use super::super::error::DingTalkError;
use super::super::options::DingTalkOptions;
use super::super::transport::unreachable;
use super::stream_address::address;
use super::stream_frame::{Frame, acknowledgement};
use crate::domain::events::{EventConnection, Incoming, Receipt, StreamError};

/// The largest frame that is read, in bytes. Events have some hundred; an event of a thousand people has 40 000.
const LARGEST_FRAME: usize = 256 * 1024;
/// The size of the buffers of a connection, in bytes.
const BUFFER: usize = 16 * 1024;
/// How much may wait to be sent before the connection counts as broken, in bytes.
const MOST_WAITING: usize = 1024 * 1024;
/// What this program calls itself at DingTalk.
const USER_AGENT: &str = concat!("nocobase-dingtalk/", env!("CARGO_PKG_VERSION"));

/// Answer of `POST /v1.0/gateway/connections/open`.
#[derive(Deserialize)]
struct Opened {
    endpoint: String,
    ticket: String,
}

/// An open connection.
pub struct DingTalkStream {
    socket: WebSocketStream<Upgraded>,
    /// Messages that the next flush sends.
    outbox: Vec<Message>,
    /// The organization, if it is configured.
    corp_id: Option<String>,
}

/// Opens a connection, with a new ticket, because each ticket opens one connection.
pub async fn connect(
    client: &DingTalkClient,
    options: &DingTalkOptions,
) -> Result<DingTalkStream, StreamError> {
    Ok(DingTalkStream {
        socket: open(client, options).await?,
        outbox: Vec::new(),
        corp_id: options.corp_id().map(str::to_owned),
    })
}

/// Checks credentials and network without opening a connection. DingTalk sends each event to one
/// connection of the application, chosen by chance, and one that is closed at once would delay it.
/// So this asks for a ticket, which expires unused, and then whether the host that DingTalk names
/// answers at all.
pub async fn check(
    client: &DingTalkClient,
    options: &DingTalkOptions,
) -> Result<(), DingTalkError> {
    let mut address = ticket(client, options).await?;
    // Without the ticket it is a request that DingTalk refuses.
    address.set_query(None);
    let answer = client.get(address).send().await.map_err(unreachable)?;
    let status = answer.status();
    if status.is_server_error() {
        let what = format!("status {status} of the Stream's host");
        return Err(DingTalkError::Busy(what));
    }
    Ok(())
}

/// Asks for a ticket. Returns the address of the connection, with the ticket in it.
async fn ticket(client: &DingTalkClient, options: &DingTalkOptions) -> Result<Url, DingTalkError> {
    let body = json!({
        "clientId": options.client_id,
        "clientSecret": options.client_secret(),
        "subscriptions": [{"type": "EVENT", "topic": "*"}],
        "ua": USER_AGENT,
    });
    let url = client.api(["v1.0", "gateway", "connections", "open"])?;
    let opened: Opened = client.new_without_token(url, &body).await?;
    let api = client.api([])?;
    address(&api, &opened.endpoint, &opened.ticket).ok_or(DingTalkError::Unexpected(
        "DingTalk names an address for the Stream to which this server does not connect".into(),
    ))
}

async fn open(
    client: &DingTalkClient,
    options: &DingTalkOptions,
) -> Result<WebSocketStream<Upgraded>, DingTalkError> {
    let address = ticket(client, options).await?;
    let key = generate_key();
    let request = client
        .get(address)
        .header(header::CONNECTION, "Upgrade")
        .header(header::UPGRADE, "websocket")
        .header(header::SEC_WEBSOCKET_VERSION, "13")
        .header(header::SEC_WEBSOCKET_KEY, &key);
    let response = request.send().await.map_err(unreachable)?;
    let status = response.status();
    if status != StatusCode::SWITCHING_PROTOCOLS {
        let what = format!("status {status} in place of a connection of the Stream");
        return Err(if status.is_server_error() {
            DingTalkError::Busy(what)
        } else {
            DingTalkError::Unexpected(what.into())
        });
    }
    let accepted = response.headers().get(header::SEC_WEBSOCKET_ACCEPT);
    if accepted
        .is_none_or(|accepted| accepted.as_bytes() != derive_accept_key(key.as_bytes()).as_bytes())
    {
        return Err(DingTalkError::Unexpected(
            "an upgrade to something that is no WebSocket".into(),
        ));
    }
    let upgraded = response.upgrade().await.map_err(unreachable)?;
    let limits = WebSocketConfig::default()
        .read_buffer_size(BUFFER)
        .write_buffer_size(BUFFER)
        .max_write_buffer_size(MOST_WAITING)
        .max_message_size(Some(LARGEST_FRAME))
        .max_frame_size(Some(LARGEST_FRAME));
    Ok(WebSocketStream::from_raw_socket(upgraded, Role::Client, Some(limits)).await)
}

#[async_trait]
impl EventConnection for DingTalkStream {
    async fn next(&mut self) -> Result<Incoming, StreamError> {
        let message = match self.socket.next().await {
            Some(Ok(message)) => message,
            Some(Err(error)) => return Err(broken(error)),
            None => return Err(StreamError::Ended),
        };
        let text = match message {
            Message::Text(text) => text,
            Message::Close(_) => return Err(StreamError::Ended),
            _ => return Ok(Incoming::Other),
        };
        Ok(match Frame::read(&text, self.corp_id.as_deref()) {
            Some(Frame::Event(event, id)) => Incoming::Event(event, Receipt(id)),
            Some(Frame::Disconnect) => Incoming::Disconnect,
            Some(Frame::Ping(answer) | Frame::Other(Some(answer))) => {
                self.outbox.push(Message::text(answer));
                Incoming::Other
            }
            Some(Frame::Other(None)) => Incoming::Other,
            None => {
                log::warn!("a frame of DingTalk's Stream cannot be read");
                Incoming::Other
            }
        })
    }

    fn acknowledge(&mut self, receipt: &Receipt, is_stored: bool) {
        if !receipt.0.is_empty() {
            let answer = acknowledgement(&receipt.0, is_stored);
            self.outbox.push(Message::text(answer));
        }
    }

    fn ping(&mut self) {
        self.outbox.push(Message::Ping(Bytes::new()));
    }

    async fn flush(&mut self) -> Result<(), StreamError> {
        for message in self.outbox.drain(..) {
            self.socket.feed(message).await.map_err(broken)?;
        }
        self.socket.flush().await.map_err(broken)
    }

    async fn close(&mut self) {
        // An error does not matter, because dropping this value closes the connection, too.
        let _ = self.socket.close(None).await;
    }
}

/// The error of a connection that was open. Its text contains no address.
fn broken(error: WebSocketError) -> StreamError {
    let error = match error {
        WebSocketError::ConnectionClosed | WebSocketError::AlreadyClosed => {
            return StreamError::Ended;
        }
        WebSocketError::Capacity(_) => {
            DingTalkError::Unexpected("a frame of the Stream is too large".into())
        }
        error => DingTalkError::NoAnswer(ConnectionFailure::new("the connection broke", error)),
    };
    StreamError::Failed(error.into())
}

impl From<DingTalkError> for StreamError {
    fn from(error: DingTalkError) -> Self {
        use DingTalkError as E;
        match error {
            E::Credentials(_)
            | E::Organization(_)
            | E::Permission(_)
            | E::Address(_)
            | E::Allowance { .. } => Self::Misconfigured(error.into()),
            error => Self::Failed(error.into()),
        }
    }
}
