//! Connections that this server opens, and over which a provider sends events.

use std::error::Error;

use async_trait::async_trait;

use super::Event;

/// Something that has arrived over a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Incoming {
    /// An event. The provider sends it again unless it is acknowledged with its receipt.
    Event(Event, Receipt),
    /// The provider will close this connection soon, and sends nothing more over it.
    Disconnect,
    /// Something else, which shows only that the connection works.
    Other,
}

/// The identifier with which an event is acknowledged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt(pub String);

/// Why there is no connection. The text is for the operator, and contains no secret.
#[derive(Debug, thiserror::Error)]
pub enum StreamError {
    /// The provider has no such connections.
    #[error("the provider sends no events over a connection")]
    Unsupported,
    /// The provider refuses until somebody corrects the settings, here or at the provider.
    #[error("{0}")]
    Misconfigured(#[source] Box<dyn Error + Send + Sync>),
    /// Another attempt may succeed.
    #[error("{0}")]
    Failed(#[source] Box<dyn Error + Send + Sync>),
    /// The provider closed the connection.
    #[error("the provider closed the connection")]
    Ended,
    /// Nothing arrived for a minute, not even the answer to a ping.
    #[error("nothing arrived over the connection for a minute, not even the answer to a ping")]
    Silent,
}

/// An open connection.
#[async_trait]
pub trait EventConnection: Send {
    /// Waits for the next thing that arrives. Dropping the future loses nothing.
    async fn next(&mut self) -> Result<Incoming, StreamError>;

    /// Acknowledges an event that was stored, or asks the provider to send it again. [`Self::flush`] sends
    /// the answer.
    fn acknowledge(&mut self, receipt: &Receipt, is_stored: bool);

    /// Asks the provider for a sign of life. [`Self::flush`] sends the ping.
    fn ping(&mut self);

    /// Sends what the other methods have prepared.
    async fn flush(&mut self) -> Result<(), StreamError>;

    /// Closes the connection with the message that the protocol has for it.
    async fn close(&mut self);
}
