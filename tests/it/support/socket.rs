//! A page's connection to `/ws`.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;

use super::{TestApp, connect_websocket};

/// Longer than any message takes.
const PATIENCE: Duration = Duration::from_secs(5);
/// Longer than a message takes that nothing delays.
const SILENCE: Duration = Duration::from_millis(600);

/// An open connection.
pub struct Socket(WebSocketStream<TcpStream>);

impl Socket {
    /// Connects as anybody can.
    pub async fn open(app: &TestApp) -> Self {
        let url = format!("ws://{}/ws", app.server.address);
        let (stream, _) = connect_websocket(url).await.expect("the server accepts");
        Self(stream)
    }

    /// Connects and says whose page it is.
    pub async fn signed_in(app: &TestApp, token: &str) -> Self {
        let mut socket = Self::open(app).await;
        socket.say_token(token).await;
        assert_eq!(socket.hear().await, json!({"type": "authorized"}));
        socket
    }

    pub async fn say(&mut self, text: &str) {
        self.0.send(Message::text(text)).await.unwrap();
    }

    pub async fn say_token(&mut self, token: &str) {
        let payload = json!({"token": token, "authenticator": "basic"});
        let message = json!({"type": "auth:token", "payload": payload});
        self.say(&message.to_string()).await;
    }

    /// Sends a ping of the protocol and waits for its answer.
    pub async fn ping(&mut self) {
        let data = b"are you there".as_slice();
        self.0.send(Message::Ping(data.into())).await.unwrap();
        assert_eq!(self.next().await, Some(Message::Pong(data.into())));
    }

    /// The next message.
    pub async fn hear(&mut self) -> Value {
        match self.next().await {
            Some(Message::Text(text)) => serde_json::from_str(&text).unwrap(),
            other => panic!("not a text: {other:?}"),
        }
    }

    /// Nothing is said for a while.
    pub async fn hear_nothing(&mut self) {
        let next = tokio::time::timeout(SILENCE, self.0.next()).await;
        assert!(next.is_err(), "{next:?}");
    }

    /// The server ends the connection.
    pub async fn is_closed(&mut self) {
        let next = self.next().await;
        assert!(matches!(next, None | Some(Message::Close(_))), "{next:?}");
    }

    async fn next(&mut self) -> Option<Message> {
        let next = tokio::time::timeout(PATIENCE, self.0.next()).await;
        next.expect("something is said").and_then(Result::ok)
    }
}
