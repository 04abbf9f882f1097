//! The client's end of a `WebSocket`.

use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Error;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::handshake::client::Response;
use tokio_tungstenite::{WebSocketStream, client_async};

/// Connects to a `ws://` address. The library has a function for it under a feature that the server does without; with it
/// the tests would have another library than the server, and Cargo would build the server a second time after them.
pub async fn connect_websocket(
    request: impl IntoClientRequest,
) -> Result<(WebSocketStream<TcpStream>, Response), Error> {
    let request = request.into_client_request()?;
    let address = request.uri().authority().expect("where to connect");
    let stream = TcpStream::connect(address.as_str()).await?;
    client_async(request, stream).await
}
