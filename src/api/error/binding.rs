//! Why somebody's own account was not bound or unbound, as they learn it.

use actix_web::http::StatusCode;

use super::{AccountRefusal, ApiError, DingTalkRefusal};
use crate::domain::own_binding::OwnBindingError;

/// Why an account was not bound or unbound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BindingRefusal {
    /// An API key, which is no person.
    NoSession,
    /// There is no password to ask for, and the session is not young.
    SignInAgain,
    /// The session ended while the person was at DingTalk.
    SessionEnded,
    /// The account has a binding there.
    AlreadyBound,
    /// Another account is bound to the person.
    BoundElsewhere,
    /// The account has no binding there.
    NotBound,
    /// Nobody could sign in to the account any more.
    LastWayIn,
}

impl BindingRefusal {
    /// Status, code and message.
    pub(super) fn parts(self) -> (StatusCode, &'static str, &'static str) {
        use StatusCode as S;
        match self {
            Self::NoSession => (
                S::FORBIDDEN,
                "DINGTALK_NO_SESSION",
                "API keys cannot do this. Please sign in.",
            ),
            Self::SignInAgain => (
                S::FORBIDDEN,
                "DINGTALK_SIGN_IN_AGAIN",
                "Please sign in again first, to confirm that it is you.",
            ),
            Self::SessionEnded => (
                S::BAD_REQUEST,
                "DINGTALK_SESSION_ENDED",
                "You have been signed out meanwhile. Please sign in and start again.",
            ),
            Self::AlreadyBound => (
                S::BAD_REQUEST,
                "DINGTALK_ALREADY_BOUND",
                "Your account is already bound to a DingTalk user. Please remove that binding first.",
            ),
            Self::BoundElsewhere => (
                S::BAD_REQUEST,
                "DINGTALK_BOUND_ELSEWHERE",
                "This DingTalk user is bound to another account.",
            ),
            Self::NotBound => (
                S::BAD_REQUEST,
                "DINGTALK_NOT_BOUND",
                "Your account is not bound to a DingTalk user here.",
            ),
            Self::LastWayIn => (
                S::BAD_REQUEST,
                "DINGTALK_LAST_WAY_IN",
                "This is your only way to sign in. Please ask your administrator for a password first.",
            ),
        }
    }
}

impl From<BindingRefusal> for ApiError {
    fn from(refusal: BindingRefusal) -> Self {
        Self::Binding(refusal)
    }
}

impl From<OwnBindingError> for ApiError {
    fn from(error: OwnBindingError) -> Self {
        use OwnBindingError as E;
        match error {
            E::NoSession => BindingRefusal::NoSession.into(),
            E::NoPassword => AccountRefusal::NoPassword.into(),
            E::WrongPassword => AccountRefusal::WrongOldPassword.into(),
            E::SessionOld => BindingRefusal::SignInAgain.into(),
            E::SessionEnded => BindingRefusal::SessionEnded.into(),
            E::AlreadyBound => BindingRefusal::AlreadyBound.into(),
            E::BoundElsewhere(_) => BindingRefusal::BoundElsewhere.into(),
            E::NotBound => BindingRefusal::NotBound.into(),
            E::LastWayIn => BindingRefusal::LastWayIn.into(),
            E::Person(error) => DingTalkRefusal::from(&error).into(),
            E::Hash(error) => error.into(),
            E::Store(error) => error.into(),
        }
    }
}
