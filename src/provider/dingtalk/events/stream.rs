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

use super::super::client::DingTalkClient;
use super::super::error::DingTalkError;
use super::super::options::DingTalkOptions;
use super::super::transport::unreachable;
use super::frame::{Frame, acknowledgement};
use super::gateway::address;
use crate::domain::events::{EventConnection, Heard, Receipt, StreamError};

/// The largest frame that is read, in bytes. Events have some hundred; an event of a thousand people has 40 000.
const LARGEST_FRAME: usize = 256 * 1024;
/// The size of the buffers of a connection, in bytes.
const BUFFER: usize = 16 * 1024;
/// How much may wait to be sent before the connection counts as broken, in bytes.
const MOST_WAITING: usize = 1024 * 1024;
/// The name by which DingTalk knows this program.
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
    /// What is sent with the next flush.
    outbox: Vec<Message>,
    /// The organisation, where it is known.
    corp_id: Option<String>,
}

/// Opens a connection. A ticket is good for one, so each begins with a new one.
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

async fn open(
    client: &DingTalkClient,
    options: &DingTalkOptions,
) -> Result<WebSocketStream<Upgraded>, DingTalkError> {
    let body = json!({
        "clientId": options.client_id,
        "clientSecret": options.client_secret(),
        "subscriptions": [{"type": "EVENT", "topic": "*"}],
        "ua": USER_AGENT,
    });
    let url = client.api(["v1.0", "gateway", "connections", "open"])?;
    let opened: Opened = client.new_without_token(url, &body).await?;
    let api = client.api([])?;
    let address =
        address(&api, &opened.endpoint, &opened.ticket).ok_or(DingTalkError::Unexpected(
            "an address of the Stream to which this server does not go".into(),
        ))?;
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
    async fn next(&mut self) -> Result<Heard, StreamError> {
        let message = match self.socket.next().await {
            Some(Ok(message)) => message,
            Some(Err(error)) => return Err(broken(&error)),
            None => return Err(StreamError::Ended),
        };
        let text = match message {
            Message::Text(text) => text,
            Message::Close(_) => return Err(StreamError::Ended),
            _ => return Ok(Heard::Sign),
        };
        Ok(match Frame::read(&text, self.corp_id.as_deref()) {
            Some(Frame::Event(event, id)) => Heard::Event(event, Receipt(id)),
            Some(Frame::Disconnect) => Heard::Goodbye,
            Some(Frame::Ping(answer) | Frame::Other(Some(answer))) => {
                self.outbox.push(Message::text(answer));
                Heard::Sign
            }
            Some(Frame::Other(None)) => Heard::Sign,
            None => {
                log::warn!("a frame of DingTalk's Stream cannot be read");
                Heard::Sign
            }
        })
    }

    fn acknowledge(&mut self, receipt: &Receipt, is_stored: bool) {
        if !receipt.0.is_empty() {
            let answer = acknowledgement(&receipt.0, is_stored);
            self.outbox.push(Message::text(answer));
        }
    }

    fn ask(&mut self) {
        self.outbox.push(Message::Ping(Bytes::new()));
    }

    async fn flush(&mut self) -> Result<(), StreamError> {
        for message in self.outbox.drain(..) {
            self.socket
                .feed(message)
                .await
                .map_err(|error| broken(&error))?;
        }
        self.socket.flush().await.map_err(|error| broken(&error))
    }

    async fn close(&mut self) {
        // The connection ends with this value in any case.
        let _ = self.socket.close(None).await;
    }
}

/// What is wrong with a connection that was open. The text has no address in it.
fn broken(error: &WebSocketError) -> StreamError {
    let text = match error {
        WebSocketError::ConnectionClosed | WebSocketError::AlreadyClosed => {
            return StreamError::Ended;
        }
        WebSocketError::Capacity(_) => "a frame of the Stream is too large".to_owned(),
        error => format!("the connection broke ({error})"),
    };
    StreamError::Failed(DingTalkError::NoAnswer(text).into())
}

impl From<DingTalkError> for StreamError {
    fn from(error: DingTalkError) -> Self {
        use DingTalkError as E;
        match error {
            E::Credentials(_)
            | E::Organisation(_)
            | E::Permission(_)
            | E::Address(_)
            | E::Allowance { .. } => Self::Misconfigured(error.into()),
            error => Self::Failed(error.into()),
        }
    }
}
