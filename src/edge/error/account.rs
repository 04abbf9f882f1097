//! Refusals of sign-ups and of changes to passwords, profiles and API keys, as the client sees
//! them. Messages and statuses are those of NocoBase 2.2.15.

use actix_web::http::StatusCode;

use super::{ApiError, Problem};
use crate::domain::account::AccountError;
use crate::domain::guess_limits::TooManyAttempts;
use crate::domain::profile::Field;

/// Why a request about an account was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccountRefusal {
    /// The authenticator does not allow people to sign up.
    SignUpForbidden,
    /// The user name is missing or not allowed.
    InvalidUsername,
    /// The e-mail address is missing or malformed.
    InvalidEmail,
    /// A field of the sign-up form is empty.
    Missing(Field),
    /// Another account has the user name.
    UsernameTaken,
    /// Another account has the e-mail address.
    EmailTaken,
    /// The new password is missing.
    NoPassword,
    /// The two new passwords differ.
    PasswordsDiffer,
    /// The old password is wrong.
    WrongOldPassword,
    /// The settings forbid changing passwords.
    PasswordFixed,
    /// The settings forbid editing profiles.
    ProfileFixed,
    /// The account would be left without a user name.
    NoUsername,
    /// Only administrators may set phone numbers.
    PhoneFixed,
    /// The API key was to have a role that its owner does not have.
    KeyRoleUnknown,
    /// The lifetime of the API key is not a time span.
    KeyLifetime,
}

impl AccountRefusal {
    /// The HTTP status, an empty code, and the message.
    pub(super) fn parts(self) -> (StatusCode, &'static str, &'static str) {
        use StatusCode as S;
        let (status, message) = match self {
            Self::SignUpForbidden => (S::FORBIDDEN, "Not allowed to sign up"),
            Self::InvalidUsername => (S::BAD_REQUEST, "Please enter a valid username"),
            Self::InvalidEmail => (S::BAD_REQUEST, "Please enter a valid email address"),
            Self::Missing(field) => (S::BAD_REQUEST, missing(field)),
            Self::UsernameTaken => (S::BAD_REQUEST, "Username already exists"),
            Self::EmailTaken => (S::BAD_REQUEST, "Email already exists"),
            Self::NoPassword => (S::BAD_REQUEST, "Please enter a password"),
            Self::PasswordsDiffer => (
                S::BAD_REQUEST,
                "The password is inconsistent, please re-enter",
            ),
            Self::WrongOldPassword => (
                S::UNAUTHORIZED,
                "The password is incorrect, please re-enter",
            ),
            Self::PasswordFixed => (S::FORBIDDEN, "Password is not allowed to be changed"),
            Self::ProfileFixed => (S::FORBIDDEN, "User profile is not allowed to be edited"),
            Self::NoUsername => (S::BAD_REQUEST, "Username cannot be null"),
            Self::PhoneFixed => (
                S::FORBIDDEN,
                "The phone number can only be changed by an administrator",
            ),
            Self::KeyRoleUnknown => (S::BAD_REQUEST, "Role not found"),
            Self::KeyLifetime => (
                S::BAD_REQUEST,
                "The lifetime of the API key is not a time span",
            ),
        };
        (status, "", message)
    }
}

fn missing(field: Field) -> &'static str {
    match field {
        Field::Nickname => "Please enter nickname",
        Field::Username => "Please enter username",
        Field::Email => "Please enter email",
        Field::Phone => "Please enter phone",
    }
}

impl From<AccountRefusal> for ApiError {
    fn from(refusal: AccountRefusal) -> Self {
        Self::Account(refusal)
    }
}

impl From<TooManyAttempts> for ApiError {
    fn from(error: TooManyAttempts) -> Self {
        Self::TooManyAttempts(seconds_to_wait(error))
    }
}

/// The value of `Retry-After`: whole seconds, rounded up.
pub(super) fn seconds_to_wait(error: TooManyAttempts) -> u64 {
    error.wait.as_secs() + 1
}

impl From<AccountError> for ApiError {
    fn from(error: AccountError) -> Self {
        let taken = |field| {
            Self::Invalid(vec![Problem {
                field,
                rule: Problem::TAKEN,
            }])
        };
        match error {
            AccountError::Root | AccountError::Power => Self::Forbidden,
            AccountError::Unknown => Self::invalid("userId", Problem::WRONG),
            AccountError::Taken(Field::Username) => taken("Username"),
            AccountError::Taken(Field::Email) => taken("Email"),
            AccountError::Taken(Field::Phone | Field::Nickname) => taken("Phone"),
            AccountError::Hash(error) => error.into(),
            AccountError::Store(error) => error.into(),
        }
    }
}
