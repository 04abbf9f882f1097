//! Connections that this server opens, and over which a provider tells events.

use std::error::Error;

use async_trait::async_trait;

use super::Event;

/// Something that came over a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    /// An event. It comes again unless it is acknowledged with its receipt.
    Event(Event, Receipt),
    /// The provider will end this connection soon, and tells nothing more over it.
    Goodbye,
    /// Only that the provider is there.
    Sign,
}

/// What an event is acknowledged with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt(pub String);

/// Why there is no connection, or none any more. The text is for the operator, and holds no secret.
#[derive(Debug, thiserror::Error)]
pub enum StreamError {
    /// The provider has no such connections.
    #[error("the provider tells no events over a connection")]
    Unsupported,
    /// Somebody has to change something before it can work.
    #[error("{0}")]
    Misconfigured(#[source] Box<dyn Error + Send + Sync>),
    /// It may work the next time.
    #[error("{0}")]
    Failed(#[source] Box<dyn Error + Send + Sync>),
    /// The provider ended the connection.
    #[error("the provider ended the connection")]
    Ended,
    /// Nothing came any more, not even the answer to a question.
    #[error("nothing came over the connection any more")]
    Silent,
}

/// An open connection.
#[async_trait]
pub trait EventConnection: Send {
    /// The next thing that comes. Whoever stops waiting for it loses nothing.
    async fn next(&mut self) -> Result<Heard, StreamError>;

    /// Acknowledges an event that is stored, or asks for it once more. It is sent by [`Self::flush`].
    fn acknowledge(&mut self, receipt: &Receipt, is_stored: bool);

    /// Asks the provider for a sign. It is sent by [`Self::flush`].
    fn ask(&mut self);

    /// Sends what is to be sent.
    async fn flush(&mut self) -> Result<(), StreamError>;

    /// Ends the connection as it should be ended.
    async fn close(&mut self);
}
