//! The interface of what delivers messages: one way of sending at one provider.

use std::error::Error;
use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use entity::user_authenticator;

use super::{Message, Reason};

/// Sends messages in one way, with the options of one authenticator.
#[async_trait]
pub trait Messenger: Send + Sync {
    /// The most receivers of one call.
    fn most_receivers(&self) -> usize;

    /// Whether the provider silently drops a message that the receiver got in the same words today.
    fn drops_repetitions(&self) -> bool;

    /// The identifier by which the messenger sends to a bound person; none when neither the binding nor the provider
    /// knows it.
    async fn receiver(
        &self,
        binding: &user_authenticator::Model,
    ) -> Result<Option<String>, SendError>;

    /// Prepares a call to so many receivers: waits until it keeps the limits of the provider, and fetches what it needs.
    /// Nothing is sent by this, whatever fails.
    async fn turn(&self, receivers: usize) -> Result<(), SendError>;

    /// Sends a message. `repetition` says how often these receivers already got it today.
    async fn send(
        &self,
        message: &Message,
        repetition: usize,
        receivers: &[String],
    ) -> Result<Accepted, SendError>;

    /// Checks whether messages could be sent now, as far as this can be found out without sending one.
    async fn ready(&self) -> Result<(), SendError>;

    /// Asks for the outcome of an accepted message, by the task that the provider named.
    async fn outcome(&self, task: &str) -> Result<MessageOutcome, SendError>;
}

/// The answer to a message that the provider has accepted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Accepted {
    /// The task by which the provider is asked for the outcome, if it named one.
    pub task: Option<String>,
    /// The receivers who get nothing, as far as the answer says so, and why.
    pub undelivered: Vec<(String, Reason)>,
}

/// The outcome of a message.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MessageOutcome {
    /// The receivers who have got it.
    pub delivered: Vec<String>,
    /// The receivers who get nothing, and why.
    pub undelivered: Vec<(String, Reason)>,
}

/// What a failed call means for the message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failed {
    /// Nothing was sent, because the provider knows none of the receivers.
    UnknownReceivers,
    /// Nothing was sent. Another attempt may succeed a moment later.
    ForAMoment,
    /// Nothing was sent. Another attempt may succeed some minutes later, and a sooner one makes it worse.
    ForMinutes,
    /// Nothing was sent, and further attempts fail until somebody changes something.
    Refused,
    /// It may have been sent.
    Unclear,
}

impl Failed {
    /// The shortest pause before the next attempt, if one may help and cannot send the message twice.
    pub fn pause(self) -> Option<Duration> {
        match self {
            Self::ForAMoment => Some(Duration::from_secs(5)),
            Self::ForMinutes => Some(Duration::from_mins(1)),
            Self::UnknownReceivers | Self::Refused | Self::Unclear => None,
        }
    }
}

/// Why a call did not succeed. The text is for the operator.
#[derive(Debug)]
pub struct SendError {
    /// What it means for the message.
    pub failed: Failed,
    /// The reason that people see.
    pub reason: Reason,
    cause: Box<dyn Error + Send + Sync>,
}

impl SendError {
    /// An error with this meaning and reason.
    pub fn new(
        failed: Failed,
        reason: Reason,
        cause: impl Into<Box<dyn Error + Send + Sync>>,
    ) -> Self {
        Self {
            failed,
            reason,
            cause: cause.into(),
        }
    }

    /// The same error of a request that sends nothing, such as a question before the call, and so may be repeated.
    #[must_use]
    pub fn before_a_call(mut self) -> Self {
        if self.failed == Failed::Unclear {
            self.failed = Failed::ForAMoment;
        }
        self
    }
}

impl fmt::Display for SendError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.cause.fmt(f)
    }
}

impl Error for SendError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.cause.source()
    }
}
