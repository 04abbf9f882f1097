//! Who carries messages to people.

use std::error::Error;
use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use entity::user_authenticator;

use super::{Message, Reason};

/// Carries messages in one way, with the options of one authenticator.
#[async_trait]
pub trait Messenger: Send + Sync {
    /// The most receivers of one call.
    fn most_receivers(&self) -> usize;

    /// Whether the provider says nothing and drops what somebody got in the same words today.
    fn drops_repetitions(&self) -> bool;

    /// Who a bound account is to the messenger. Nothing when the binding does not say it and nobody knows.
    async fn receiver(
        &self,
        binding: &user_authenticator::Model,
    ) -> Result<Option<String>, SendError>;

    /// Waits until a call to so many receivers keeps the limits of the provider, and gets what it needs. Nothing is sent
    /// by it, whatever fails.
    async fn turn(&self, receivers: usize) -> Result<(), SendError>;

    /// Sends a message. `repetition` is how often these receivers got it today.
    async fn send(
        &self,
        message: &Message,
        repetition: usize,
        receivers: &[String],
    ) -> Result<Accepted, SendError>;

    /// Whether messages could be sent now, as far as the provider says it without sending one.
    async fn ready(&self) -> Result<(), SendError>;

    /// What became of a message that was accepted. Nothing new is heard of one that names no task.
    async fn outcome(&self, task: &str) -> Result<Outcome, SendError>;
}

/// A message that the provider has taken.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Accepted {
    /// By what the provider is asked for the outcome, where it tells one.
    pub task: Option<String>,
    /// Who gets nothing, as far as is known at once.
    pub undelivered: Vec<(String, Reason)>,
}

/// What became of a message.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Who has it.
    pub delivered: Vec<String>,
    /// Who gets nothing.
    pub undelivered: Vec<(String, Reason)>,
}

/// What it means that a call did not succeed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failed {
    /// Nothing was sent, since none of the receivers is known.
    UnknownReceivers,
    /// Nothing was sent. It may be a moment later.
    ForAMoment,
    /// Nothing was sent. It may be some minutes later, and trying sooner makes it worse.
    ForMinutes,
    /// Nothing was sent, and nothing will be until somebody changes something.
    Refused,
    /// It may have been sent.
    Unclear,
}

impl Failed {
    /// The shortest pause before it is tried again, where that may help and sends nothing twice.
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
    /// What it means.
    pub failed: Failed,
    /// Why, for people.
    pub reason: Reason,
    cause: Box<dyn Error + Send + Sync>,
}

impl SendError {
    /// An error that means this.
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

    /// The same of something that sends nothing, such as a question before the call: it may be repeated.
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
