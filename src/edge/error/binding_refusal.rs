//! Refusals to bind or unbind the caller's own account, as the client sees them.

use actix_web::http::StatusCode;

use super::{AccountRefusal, ApiError, SignInRefusal};
use crate::domain::binding::self_service::SelfServiceError;
use crate::domain::identity_provider::ProviderNames;

/// Why an account was not bound or unbound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BindingRefusal {
    /// The caller uses an API key, which belongs to no person.
    NoSession,
    /// The account has no password to ask for, and the session is too old to count as proof.
    SignInAgain,
    /// The session ended while the person was at the provider.
    SessionEnded,
    /// The account already has a binding at this authenticator.
    AlreadyBound,
    /// Another account is already bound to this person.
    BoundElsewhere,
    /// The account has no binding at this authenticator.
    NotBound,
    /// Without the binding nobody could sign in to the account any more.
    LastWayIn,
}

impl BindingRefusal {
    /// The error for this refusal at this provider.
    pub fn of(self, provider: &'static ProviderNames) -> ApiError {
        ApiError::Binding(self, provider)
    }

    /// The HTTP status, the code without the provider's prefix, and the message with a placeholder
    /// for the provider's title.
    pub(super) fn parts(self) -> (StatusCode, &'static str, &'static str) {
        use StatusCode as S;
        match self {
            Self::NoSession => (
                S::FORBIDDEN,
                "NO_SESSION",
                "API keys cannot do this. Please sign in.",
            ),
            Self::SignInAgain => (
                S::FORBIDDEN,
                "SIGN_IN_AGAIN",
                "Please sign in again first, to confirm that it is you.",
            ),
            Self::SessionEnded => (
                S::BAD_REQUEST,
                "SESSION_ENDED",
                "You have been signed out meanwhile. Please sign in and start again.",
            ),
            Self::AlreadyBound => (
                S::BAD_REQUEST,
                "ALREADY_BOUND",
                "Your account is already bound to a {{provider}} user. Please remove that binding first.",
            ),
            Self::BoundElsewhere => (
                S::BAD_REQUEST,
                "BOUND_ELSEWHERE",
                "This {{provider}} user is bound to another account.",
            ),
            Self::NotBound => (
                S::BAD_REQUEST,
                "NOT_BOUND",
                "Your account is not bound to a {{provider}} user here.",
            ),
            Self::LastWayIn => (
                S::BAD_REQUEST,
                "LAST_WAY_IN",
                "This is your only way to sign in. Please ask your administrator for a password first.",
            ),
        }
    }
}

impl ApiError {
    /// The error for an account that was not bound, or not unbound, at this provider.
    pub fn of_binding(error: SelfServiceError, provider: &'static ProviderNames) -> Self {
        use SelfServiceError as E;
        let refusal = match error {
            E::NoSession => BindingRefusal::NoSession,
            E::NoPassword => return AccountRefusal::NoPassword.into(),
            E::WrongPassword => return AccountRefusal::WrongOldPassword.into(),
            E::SessionOld => BindingRefusal::SignInAgain,
            E::SessionEnded => BindingRefusal::SessionEnded,
            E::AlreadyBound => BindingRefusal::AlreadyBound,
            E::BoundElsewhere(_) => BindingRefusal::BoundElsewhere,
            E::NotBound => BindingRefusal::NotBound,
            E::LastWayIn => BindingRefusal::LastWayIn,
            E::Person(error) => return SignInRefusal::from(&error).of(provider),
            E::Hash(error) => return error.into(),
            E::Store(error) => return error.into(),
        };
        refusal.of(provider)
    }
}
