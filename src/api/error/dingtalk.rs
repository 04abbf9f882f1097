//! Why a sign-in through DingTalk was refused, as the person learns it.

use actix_web::http::StatusCode;

use super::account::seconds_to_wait;
use super::{BUSY, TOO_MANY_ATTEMPTS};
use crate::domain::attempts::TooManyAttempts;
use crate::domain::handshake::HandshakeError;
use crate::domain::sign_in::SignInError;
use crate::provider::dingtalk::{DingTalkError, IdentifyError};
use crate::store::StoreError;

/// Why a sign-in through DingTalk was refused, as the person learns it. The texts tell nobody
/// which accounts exist; the log tells the operator more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DingTalkRefusal {
    /// The person cancelled at DingTalk.
    Denied,
    /// The attempt is unknown in this browser.
    StateInvalid,
    /// The attempt took too long.
    StateExpired,
    /// The attempt was used up.
    StateUsed,
    /// DingTalk did not accept the authorization code.
    CodeRejected,
    /// The person is not in the organisation.
    NotMember,
    /// No account, and none is created.
    UserNotFound,
    /// Several accounts fit.
    Ambiguous,
    /// The account belongs to another person.
    Conflict,
    /// The person has an identifier that was another's.
    Reissued,
    /// DingTalk cannot be reached.
    Unavailable,
    /// Options or permissions are wrong.
    Misconfigured,
    /// The plugin or the authenticator is switched off.
    Disabled,
    /// Too many codes that were none; the seconds until the next one may come.
    TooManyAttempts(u64),
    /// Others were in the way for too long.
    Busy,
    /// Anything else.
    Failed,
}

impl DingTalkRefusal {
    /// A name that stays the same; the browser half chooses its text by it.
    pub fn code(self) -> &'static str {
        self.parts().1
    }

    pub(super) fn parts(self) -> (StatusCode, &'static str, &'static str) {
        use StatusCode as S;
        match self {
            Self::Denied => (
                S::BAD_REQUEST,
                "DINGTALK_DENIED",
                "Sign-in via DingTalk was cancelled.",
            ),
            Self::StateInvalid => (
                S::BAD_REQUEST,
                "DINGTALK_STATE_INVALID",
                "This sign-in attempt is not valid in this browser. Please start again.",
            ),
            Self::StateExpired => (
                S::BAD_REQUEST,
                "DINGTALK_STATE_EXPIRED",
                "This sign-in attempt has expired. Please start again.",
            ),
            Self::StateUsed => (
                S::BAD_REQUEST,
                "DINGTALK_STATE_USED",
                "This sign-in attempt has already been used. Please start again.",
            ),
            Self::CodeRejected => (
                S::UNAUTHORIZED,
                "DINGTALK_CODE_REJECTED",
                "DingTalk did not accept the authorization code. Please try again.",
            ),
            Self::NotMember => (
                S::FORBIDDEN,
                "DINGTALK_NOT_MEMBER",
                "Your DingTalk account is not a member of this organization.",
            ),
            Self::UserNotFound => (
                S::FORBIDDEN,
                "DINGTALK_USER_NOT_FOUND",
                "There is no account for your DingTalk user. Please contact your administrator.",
            ),
            Self::Ambiguous => (
                S::FORBIDDEN,
                "DINGTALK_AMBIGUOUS",
                "More than one account matches your DingTalk user. Please contact your administrator.",
            ),
            Self::Conflict => (
                S::FORBIDDEN,
                "DINGTALK_CONFLICT",
                "The account is already bound to another DingTalk user. Please contact your administrator.",
            ),
            Self::Reissued => (
                S::FORBIDDEN,
                "DINGTALK_REISSUED",
                "Your DingTalk user ID belonged to somebody else before. Please contact your administrator.",
            ),
            Self::Unavailable => (
                S::BAD_GATEWAY,
                "DINGTALK_UNAVAILABLE",
                "DingTalk cannot be reached right now. Please try again later.",
            ),
            Self::Misconfigured => (
                S::BAD_GATEWAY,
                "DINGTALK_MISCONFIGURED",
                "Sign-in via DingTalk is not set up completely. Please contact your administrator.",
            ),
            Self::Disabled => (
                S::FORBIDDEN,
                "DINGTALK_DISABLED",
                "Sign-in via DingTalk is switched off.",
            ),
            Self::TooManyAttempts(_) => (
                S::TOO_MANY_REQUESTS,
                "DINGTALK_TOO_MANY_ATTEMPTS",
                TOO_MANY_ATTEMPTS,
            ),
            Self::Busy => (S::SERVICE_UNAVAILABLE, "DINGTALK_BUSY", BUSY),
            Self::Failed => (
                S::INTERNAL_SERVER_ERROR,
                "DINGTALK_FAILED",
                "Sign-in via DingTalk failed. Please try again.",
            ),
        }
    }
}

impl From<TooManyAttempts> for DingTalkRefusal {
    fn from(error: TooManyAttempts) -> Self {
        Self::TooManyAttempts(seconds_to_wait(error))
    }
}

impl From<&HandshakeError> for DingTalkRefusal {
    fn from(error: &HandshakeError) -> Self {
        match error {
            HandshakeError::Missing | HandshakeError::Unknown => Self::StateInvalid,
            HandshakeError::Expired => Self::StateExpired,
            HandshakeError::Repeated { .. } | HandshakeError::Replayed => Self::StateUsed,
            HandshakeError::Store(StoreError::Busy(_)) => Self::Busy,
            HandshakeError::Store(_) => Self::Failed,
        }
    }
}

impl From<&IdentifyError> for DingTalkRefusal {
    fn from(error: &IdentifyError) -> Self {
        use DingTalkError as E;
        match error {
            IdentifyError::NotMember(_) | IdentifyError::Call(E::UnknownUser | E::OutOfScope) => {
                Self::NotMember
            }
            IdentifyError::NoSubject(_)
            | IdentifyError::Call(E::Credentials(_) | E::Permission(_) | E::Address) => {
                Self::Misconfigured
            }
            IdentifyError::Call(E::CodeRejected) => Self::CodeRejected,
            IdentifyError::Call(
                E::Unreachable(_) | E::Busy(_) | E::Throttled(_) | E::Unexpected(_) | E::Token(_),
            ) => Self::Unavailable,
        }
    }
}

impl From<&SignInError> for DingTalkRefusal {
    fn from(error: &SignInError) -> Self {
        match error {
            SignInError::UserNotFound => Self::UserNotFound,
            SignInError::Ambiguous(_) | SignInError::BoundSeveralTimes(_) => Self::Ambiguous,
            SignInError::Reissued(_) => Self::Reissued,
            SignInError::RootNotLinked(_)
            | SignInError::AdministratorNotLinked(_)
            | SignInError::BoundToAnother(_)
            | SignInError::AccountMissing(_) => Self::Conflict,
            SignInError::Store(StoreError::Busy(_)) => Self::Busy,
            SignInError::Store(_) => Self::Failed,
        }
    }
}
