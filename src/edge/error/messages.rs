//! Why a message is not sent to anybody.

use actix_web::http::StatusCode;

use super::Cause;

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
        }
    }
}
