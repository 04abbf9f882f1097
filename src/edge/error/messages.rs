//! Why a message is not sent to anybody.

use actix_web::http::StatusCode;

use super::Cause;
use super::directory::SAVED_BY_HALF;

/// Why a message was refused, as the client learns it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MessageRefusal {
    /// No authenticator that can send is named, or several could be meant.
    NoAuthenticator,
    /// The options name no agent.
    NoAgent,
    /// The options cannot be used. The log has the cause.
    NotUsable(Cause),
    /// More receivers than a request may name.
    TooManyReceivers,
    /// NocoBase has saved a channel, and this server could not note where its messages go.
    ChannelSavedByHalf,
}

impl MessageRefusal {
    /// Status, code and English message.
    pub fn parts(&self) -> (StatusCode, &'static str, &'static str) {
        use StatusCode as S;
        match self {
            Self::NoAuthenticator => (
                S::BAD_REQUEST,
                "MESSAGE_NO_AUTHENTICATOR",
                "No authenticator that can send messages has this name, or several could be meant.",
            ),
            Self::NoAgent => (
                S::BAD_REQUEST,
                "MESSAGE_NO_AGENT",
                "The authenticator has no Agent ID, which work notifications need.",
            ),
            Self::NotUsable(_) => (
                S::BAD_REQUEST,
                "MESSAGE_NOT_USABLE",
                "The authenticator is not configured completely, so it cannot send messages.",
            ),
            Self::TooManyReceivers => (
                S::BAD_REQUEST,
                "MESSAGE_TOO_MANY_RECEIVERS",
                "A message goes to 5000 people at most.",
            ),
            Self::ChannelSavedByHalf => (
                S::INTERNAL_SERVER_ERROR,
                "MESSAGE_CHANNEL_SAVED_BY_HALF",
                SAVED_BY_HALF,
            ),
        }
    }
}
