//! How errors about accounts become answers of the standalone server.

use crate::domain::api_key::ApiKeyError;
use crate::domain::password_change::PasswordError;
use crate::domain::profile::{Field, ProfileError};
use crate::domain::sign_up::SignUpError;
use crate::edge::ApiError;
use crate::edge::error::AccountRefusal;

impl From<SignUpError> for ApiError {
    fn from(error: SignUpError) -> Self {
        match error {
            SignUpError::NotAllowed => AccountRefusal::SignUpForbidden.into(),
            SignUpError::Invalid(field) => invalid(field).into(),
            SignUpError::Missing(field) => AccountRefusal::Missing(field).into(),
            SignUpError::NoPassword => AccountRefusal::NoPassword.into(),
            SignUpError::PasswordsDiffer => AccountRefusal::PasswordsDiffer.into(),
            SignUpError::Taken(field) => taken(field),
            SignUpError::Password(error) => error.into(),
            SignUpError::Store(error) => error.into(),
        }
    }
}

impl From<ProfileError> for ApiError {
    fn from(error: ProfileError) -> Self {
        match error {
            ProfileError::NotAllowed => AccountRefusal::ProfileFixed.into(),
            ProfileError::NoUsername => AccountRefusal::NoUsername.into(),
            ProfileError::Invalid(field) => invalid(field).into(),
            ProfileError::Taken(field) => taken(field),
            ProfileError::PhoneNotOwn => AccountRefusal::PhoneFixed.into(),
            ProfileError::Store(error) => error.into(),
        }
    }
}

impl From<PasswordError> for ApiError {
    fn from(error: PasswordError) -> Self {
        match error {
            PasswordError::NotAllowed => AccountRefusal::PasswordFixed.into(),
            PasswordError::Differ => AccountRefusal::PasswordsDiffer.into(),
            PasswordError::Wrong => AccountRefusal::WrongOldPassword.into(),
            PasswordError::Empty => AccountRefusal::NoPassword.into(),
            PasswordError::Hash(error) => error.into(),
            PasswordError::Store(error) => error.into(),
        }
    }
}

impl From<ApiKeyError> for ApiError {
    fn from(error: ApiKeyError) -> Self {
        match error {
            ApiKeyError::RoleNotHeld => AccountRefusal::KeyRoleUnknown.into(),
            ApiKeyError::Lifetime => AccountRefusal::KeyLifetime.into(),
            ApiKeyError::Session(error) => error.into(),
            ApiKeyError::Store(error) => error.into(),
        }
    }
}

/// The error for a value that another account has. Display names need not be unique.
fn taken(field: Field) -> ApiError {
    match field {
        Field::Username => AccountRefusal::UsernameTaken.into(),
        Field::Email => AccountRefusal::EmailTaken.into(),
        Field::Nickname | Field::Phone => {
            ApiError::unexpected("a value is taken that several accounts may have")
        }
    }
}

fn invalid(field: Field) -> AccountRefusal {
    match field {
        Field::Email => AccountRefusal::InvalidEmail,
        _ => AccountRefusal::InvalidUsername,
    }
}
