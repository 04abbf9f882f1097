//! How errors of the domain and of the store become answers. Their causes go to the log, never to
//! the client.

use super::{ApiError, Cause, PluginRefusal, Problem};
use crate::domain::authenticator::AuthenticatorError;
use crate::domain::password::HashError;
use crate::domain::role::RoleError;
use crate::domain::session::{SessionError, TokenError};
use crate::store::StoreError;
use crate::store::query::QueryError;

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Busy(_) => Self::Busy(Cause::new(error)),
            // The store itself reports errors of the disk, once for all requests, so they have no
            // cause here.
            StoreError::Disk(..) => Self::NotSaved,
            StoreError::Conflict(_) | StoreError::Database(_) => Self::internal(error),
        }
    }
}

impl From<QueryError> for ApiError {
    fn from(error: QueryError) -> Self {
        match error {
            QueryError::UnknownColumn | QueryError::WrongValue => Self::InvalidReference,
            QueryError::TooManyRows => Self::TooManyRows,
            QueryError::Store(error) => error.into(),
        }
    }
}

impl From<SessionError> for ApiError {
    fn from(error: SessionError) -> Self {
        match error {
            SessionError::Store(error) => error.into(),
            SessionError::Signing => Self::internal(error),
        }
    }
}

impl From<HashError> for ApiError {
    fn from(error: HashError) -> Self {
        Self::internal(error)
    }
}

impl From<TokenError> for ApiError {
    fn from(error: TokenError) -> Self {
        match error {
            TokenError::Invalid => Self::InvalidToken,
            TokenError::UnknownUser => Self::UnknownUser,
            TokenError::Blocked => Self::BlockedToken,
            TokenError::SessionExpired => Self::ExpiredSession,
            TokenError::PasswordChanged => Self::PasswordChanged,
            TokenError::NotRenewedInStream => Self::NotRenewedInStream,
            TokenError::NotRenewable => Self::NotRenewable,
            TokenError::Session(error) => error.into(),
        }
    }
}

impl From<RoleError> for ApiError {
    fn from(error: RoleError) -> Self {
        match error {
            RoleError::None => Self::NoRoles,
            RoleError::NotHeld => Self::RoleNotHeld,
        }
    }
}

impl From<PluginRefusal> for ApiError {
    fn from(refusal: PluginRefusal) -> Self {
        Self::Plugin(refusal)
    }
}

impl From<AuthenticatorError> for ApiError {
    fn from(error: AuthenticatorError) -> Self {
        match error {
            AuthenticatorError::NameUnusable => Self::invalid("Name", Problem::NO_NAME),
            AuthenticatorError::NameTaken => Self::invalid("Name", Problem::TAKEN),
            AuthenticatorError::LastEnabled => Self::LastAuthenticator,
            AuthenticatorError::Power => Self::PowerNotHeld,
            AuthenticatorError::Options(problems) => {
                Self::Invalid(problems.into_iter().map(Problem::from).collect())
            }
            AuthenticatorError::Unknown => Self::InvalidReference,
            AuthenticatorError::Store(error) => error.into(),
        }
    }
}
