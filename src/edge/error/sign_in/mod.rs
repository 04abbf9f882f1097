//! Refusals of sign-ins through a provider, as the person sees them.

use actix_web::http::StatusCode;

use super::account::seconds_to_wait;
use super::{ApiError, BUSY, NOT_SAVED, TOO_MANY_ATTEMPTS};
use crate::domain::binding::UnclearBinding;
use crate::domain::guess_limits::TooManyAttempts;
use crate::domain::identity_provider::{IdentifyError, ProviderNames, Unidentified};
use crate::domain::pending_sign_in::ReturnError;
use crate::domain::sign_in::SignInError;
use crate::store::StoreError;

/// Why a sign-in through a provider was refused. The messages do not reveal which accounts exist;
/// the log tells the operator more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(test, derive(strum_macros::EnumIter))]
pub enum SignInRefusal {
    /// The person cancelled at the provider.
    Denied,
    /// The browser does not know this attempt.
    StateInvalid,
    /// The attempt took too long.
    StateExpired,
    /// The attempt was already used.
    StateUsed,
    /// The provider did not accept the authorization code.
    CodeRejected,
    /// The person is not a member of the organization.
    NotMember,
    /// The person has no account, and none may be created.
    UserNotFound,
    /// Several accounts match.
    Ambiguous,
    /// The account belongs to another person.
    Conflict,
    /// The person's identifier used to be another person's.
    Reissued,
    /// The account has no role.
    NoRole,
    /// The provider cannot be reached.
    Unavailable,
    /// Options or permissions are wrong, or the organization's quota of calls is used up.
    Misconfigured,
    /// The provider refused for a reason that is not known here.
    Refused,
    /// The plugin or the authenticator is switched off.
    Disabled,
    /// Too many wrong codes were sent. The number is the seconds until the next one is allowed.
    TooManyAttempts(u64),
    /// Other transactions were in the way for too long.
    Busy,
    /// The disk is full or has failed.
    NotSaved,
    /// Something else failed.
    Failed,
}

impl SignInRefusal {
    /// The error for this refusal at this provider.
    pub fn of(self, provider: &'static ProviderNames) -> ApiError {
        ApiError::SignIn(self, provider)
    }

    /// Whether the refusal is about an identified person who gets no session. An open session on
    /// the same device then belongs to somebody else, and must end. Other failures say nothing
    /// about who the person is.
    pub(super) fn names_somebody_else(self) -> bool {
        match self {
            Self::NotMember
            | Self::UserNotFound
            | Self::Ambiguous
            | Self::Conflict
            | Self::Reissued
            | Self::NoRole => true,
            Self::Denied
            | Self::StateInvalid
            | Self::StateExpired
            | Self::StateUsed
            | Self::CodeRejected
            | Self::Unavailable
            | Self::Misconfigured
            | Self::Refused
            | Self::Disabled
            | Self::TooManyAttempts(_)
            | Self::Busy
            | Self::Failed
            | Self::NotSaved => false,
        }
    }

    /// The HTTP status, the code without the provider's prefix, and the message with a placeholder
    /// for the provider's title.
    pub(super) fn parts(self) -> (StatusCode, &'static str, &'static str) {
        use StatusCode as S;
        match self {
            Self::Denied => (
                S::BAD_REQUEST,
                "DENIED",
                "Sign-in via {{provider}} was cancelled.",
            ),
            Self::StateInvalid => (
                S::BAD_REQUEST,
                "STATE_INVALID",
                "This sign-in attempt is not valid in this browser. Please start again.",
            ),
            Self::StateExpired => (
                S::BAD_REQUEST,
                "STATE_EXPIRED",
                "This sign-in attempt has expired. Please start again.",
            ),
            Self::StateUsed => (
                S::BAD_REQUEST,
                "STATE_USED",
                "This sign-in attempt has already been used. Please start again.",
            ),
            Self::CodeRejected => (
                S::UNAUTHORIZED,
                "CODE_REJECTED",
                "{{provider}} did not accept the authorization code. Please try again.",
            ),
            Self::NotMember => (
                S::FORBIDDEN,
                "NOT_MEMBER",
                "Your {{provider}} account is not a member of this organization.",
            ),
            Self::UserNotFound => (
                S::FORBIDDEN,
                "USER_NOT_FOUND",
                "There is no account for your {{provider}} user. Please contact your administrator.",
            ),
            Self::Ambiguous => (
                S::FORBIDDEN,
                "AMBIGUOUS",
                "More than one account matches your {{provider}} user. Please contact your administrator.",
            ),
            Self::Conflict => (
                S::FORBIDDEN,
                "CONFLICT",
                "The account is already bound to another {{provider}} user. Please contact your administrator.",
            ),
            Self::Reissued => (
                S::FORBIDDEN,
                "REISSUED",
                "Your {{provider}} user ID belonged to somebody else before. Please contact your administrator.",
            ),
            Self::NoRole => (
                S::FORBIDDEN,
                "NO_ROLE",
                "Your account has no role. Please contact your administrator.",
            ),
            Self::Unavailable => (
                S::BAD_GATEWAY,
                "UNAVAILABLE",
                "{{provider}} cannot be reached right now. Please try again later.",
            ),
            Self::Misconfigured => (
                S::BAD_GATEWAY,
                "MISCONFIGURED",
                "Sign-in via {{provider}} is not set up completely. Please contact your administrator.",
            ),
            Self::Refused => (
                S::BAD_GATEWAY,
                "REFUSED",
                "{{provider}} refused the sign-in. Please contact your administrator.",
            ),
            Self::Disabled => (
                S::FORBIDDEN,
                "DISABLED",
                "Sign-in via {{provider}} is switched off.",
            ),
            Self::TooManyAttempts(_) => {
                (S::TOO_MANY_REQUESTS, "TOO_MANY_ATTEMPTS", TOO_MANY_ATTEMPTS)
            }
            Self::Busy => (S::SERVICE_UNAVAILABLE, "BUSY", BUSY),
            Self::NotSaved => (S::SERVICE_UNAVAILABLE, "NOT_SAVED", NOT_SAVED),
            Self::Failed => (
                S::INTERNAL_SERVER_ERROR,
                "FAILED",
                "Sign-in via {{provider}} failed. Please try again.",
            ),
        }
    }
}

impl From<TooManyAttempts> for SignInRefusal {
    fn from(error: TooManyAttempts) -> Self {
        Self::TooManyAttempts(seconds_to_wait(error))
    }
}

impl From<&StoreError> for SignInRefusal {
    fn from(error: &StoreError) -> Self {
        match error {
            StoreError::Busy(_) => Self::Busy,
            StoreError::Disk(..) => Self::NotSaved,
            StoreError::Conflict(_) | StoreError::Database(_) => Self::Failed,
        }
    }
}

impl From<&ApiError> for SignInRefusal {
    fn from(error: &ApiError) -> Self {
        match error {
            ApiError::Busy(_) => Self::Busy,
            ApiError::NotSaved => Self::NotSaved,
            _ => Self::Failed,
        }
    }
}

impl From<&ReturnError> for SignInRefusal {
    fn from(error: &ReturnError) -> Self {
        match error {
            ReturnError::Missing | ReturnError::Unknown => Self::StateInvalid,
            ReturnError::Expired => Self::StateExpired,
            ReturnError::Repeated { .. } | ReturnError::Replayed => Self::StateUsed,
            ReturnError::TooMany(error) => (*error).into(),
            ReturnError::Store(error) => error.into(),
        }
    }
}

impl From<&IdentifyError> for SignInRefusal {
    fn from(error: &IdentifyError) -> Self {
        match error.meaning {
            Unidentified::CodeRejected => Self::CodeRejected,
            Unidentified::NotMember | Unidentified::NotShown => Self::NotMember,
            Unidentified::Misconfigured => Self::Misconfigured,
            Unidentified::Refused => Self::Refused,
            Unidentified::Unavailable => Self::Unavailable,
        }
    }
}

impl From<&SignInError> for SignInRefusal {
    fn from(error: &SignInError) -> Self {
        match error {
            SignInError::UserNotFound => Self::UserNotFound,
            SignInError::Ambiguous(_) => Self::Ambiguous,
            SignInError::NoRole(_) => Self::NoRole,
            SignInError::NoRoleForNewAccounts => Self::Misconfigured,
            SignInError::RootNotLinked(_)
            | SignInError::AdministratorNotLinked(_)
            | SignInError::BoundToAnother(_) => Self::Conflict,
            SignInError::Unclear(error) => error.into(),
            SignInError::Store(error) => error.into(),
        }
    }
}

impl From<&UnclearBinding> for SignInRefusal {
    fn from(error: &UnclearBinding) -> Self {
        match error {
            UnclearBinding::SeveralTimes(_) => Self::Ambiguous,
            UnclearBinding::Reissued(_) => Self::Reissued,
            UnclearBinding::AccountMissing(_) => Self::Conflict,
            UnclearBinding::Store(error) => error.into(),
        }
    }
}

#[cfg(test)]
mod tests;
