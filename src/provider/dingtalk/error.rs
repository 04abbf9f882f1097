//! Errors of DingTalk, sorted by what somebody can do about them.
//!
//! Their texts go to the log; they never contain a secret, a token or a code. The module `error_codes`
//! maps DingTalk's codes to these errors.

use std::borrow::Cow;

use super::connection_failure::ConnectionFailure;
use super::quotable::{Caller, Usage};
use crate::domain::identity_provider::Unidentified;

/// Why a call to DingTalk failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DingTalkError {
    /// The authorization code is unknown, used or expired.
    #[error("DingTalk did not accept the authorization code")]
    CodeRejected,
    /// The Client ID or the Client Secret is wrong.
    #[error(
        "DingTalk did not accept Client ID and Client Secret ({0}): copy both again from the application's page in the DingTalk developer console"
    )]
    Credentials(String),
    /// The application does not belong to this organization.
    #[error(
        "DingTalk does not know the application in this organization ({0}): Corp ID and Client ID must be of one organization, compare both with the developer console"
    )]
    Organization(String),
    /// The access token is invalid or expired.
    #[error("DingTalk did not accept the access token ({0})")]
    Token(String),
    /// The application lacks an API permission.
    #[error(
        "the DingTalk application lacks an API permission: {0}; grant it in the developer console under Permission management"
    )]
    Permission(String),
    /// The address of this server is not on the application's allow list.
    #[error(
        "DingTalk refuses the address of this server{0}: add its public address to the application's IP list in the developer console"
    )]
    Address(Caller),
    /// There were too many calls at once. This ends within seconds.
    #[error("DingTalk is throttling calls ({0})")]
    Throttled(String),
    /// There were too many calls within minutes. DingTalk does not answer for some minutes.
    #[error(
        "DingTalk takes no calls of this server or application for some minutes, because there were too many ({0})"
    )]
    Banned(String),
    /// The organization's monthly quota of calls is used up.
    #[error(
        "the organization's calls to DingTalk are used up for this month{usage} ({code}): see the usage in the developer console under resource management; DingTalk refuses until the month is over, or the organization has a larger edition"
    )]
    Allowance {
        /// DingTalk's code.
        code: String,
        /// How many calls were made, and how many are allowed.
        usage: Usage,
    },
    /// Nobody with this identifier is in the organization.
    #[error("this person is not in the organization")]
    UnknownUser,
    /// The person is outside the part of the organization that the application may see.
    #[error(
        "this person is outside the application's contact scope: widen it in the developer console under Permission management"
    )]
    OutOfScope,
    /// There is no such department.
    #[error("there is no such department")]
    UnknownDepartment,
    /// There was no connection, so the request was not sent.
    #[error("DingTalk cannot be reached: {0}")]
    Unreachable(#[source] ConnectionFailure),
    /// No answer in time: what was asked for may have been done.
    #[error("DingTalk did not answer: {0}")]
    NoAnswer(#[source] ConnectionFailure),
    /// The number of the application's agent is not its own.
    #[error(
        "DingTalk does not know the Agent ID ({0}): copy it again from the application's page in the DingTalk developer console"
    )]
    Agent(String),
    /// DingTalk answered that it has a problem.
    #[error("DingTalk has a problem ({0})")]
    Busy(String),
    /// DingTalk refused with an unknown code.
    #[error("DingTalk refused: {0}")]
    Refused(String),
    /// The answer does not have the documented form.
    #[error("DingTalk answered something unexpected: {0}")]
    Unexpected(Cow<'static, str>),
}

impl DingTalkError {
    /// Whether a new access token may help.
    pub fn is_stale_token(&self) -> bool {
        matches!(self, Self::Token(_))
    }

    /// Whether a repetition a moment later may help. Errors that last for minutes or weeks are not
    /// repeated, which would only prolong them.
    pub fn is_passing(&self) -> bool {
        matches!(self, Self::Throttled(_) | Self::Busy(_))
    }

    /// The label under which calls are counted.
    pub fn label(&self) -> &'static str {
        match self {
            Self::CodeRejected => "code_rejected",
            Self::Credentials(_) => "credentials",
            Self::Organization(_) => "organization",
            Self::Token(_) => "token",
            Self::Permission(_) => "permission",
            Self::Address(_) => "address",
            Self::Throttled(_) => "throttled",
            Self::Banned(_) => "banned",
            Self::Allowance { .. } => "allowance",
            Self::UnknownUser => "unknown_user",
            Self::OutOfScope => "out_of_scope",
            Self::UnknownDepartment => "unknown_department",
            Self::Unreachable(_) => "unreachable",
            Self::NoAnswer(_) => "no_answer",
            Self::Agent(_) => "agent",
            Self::Busy(_) => "busy",
            Self::Refused(_) => "refused",
            Self::Unexpected(_) => "unexpected",
        }
    }
}

/// Why DingTalk did not identify somebody.
#[derive(Debug, thiserror::Error)]
pub enum NotIdentified {
    /// Not an employee of the organization.
    #[error("not a member of the organization: {0}")]
    NotMember(&'static str),
    /// The employee lacks the identifier by which the authenticator binds accounts.
    #[error(
        "DingTalk shows no {0} of this employee, which the authenticator binds by; check the application's permissions"
    )]
    NoSubject(&'static str),
    /// A call failed.
    #[error(transparent)]
    Call(#[from] DingTalkError),
}

impl NotIdentified {
    /// What the error means for the person who signs in.
    pub fn meaning(&self) -> Unidentified {
        use DingTalkError as E;
        match self {
            Self::NotMember(_) | Self::Call(E::UnknownUser) => Unidentified::NotMember,
            Self::Call(E::OutOfScope) => Unidentified::NotShown,
            Self::NoSubject(_)
            | Self::Call(
                E::Credentials(_)
                | E::Organization(_)
                | E::Permission(_)
                | E::Address(_)
                | E::Agent(_)
                | E::Allowance { .. },
            ) => Unidentified::Misconfigured,
            Self::Call(E::CodeRejected) => Unidentified::CodeRejected,
            Self::Call(E::Refused(_) | E::UnknownDepartment) => Unidentified::Refused,
            Self::Call(
                E::Unreachable(_)
                | E::NoAnswer(_)
                | E::Busy(_)
                | E::Throttled(_)
                | E::Banned(_)
                | E::Unexpected(_)
                | E::Token(_),
            ) => Unidentified::Unavailable,
        }
    }
}
