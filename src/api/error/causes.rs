//! What the errors of the domain and the store become. Causes go to the log, never to the client.

use super::{ApiError, DingTalkRefusal};
use crate::api::plugins::PluginRefusal;
use crate::domain::role::RoleError;
use crate::domain::session::{SessionError, TokenError};
use crate::provider::password::HashError;
use crate::store::StoreError;
use crate::store::query::QueryError;

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        log::error!("{error}");
        match error {
            StoreError::Busy(_) => Self::Busy,
            StoreError::Conflict(_) | StoreError::Database(_) => Self::Internal,
        }
    }
}

impl From<QueryError> for ApiError {
    fn from(error: QueryError) -> Self {
        match error {
            QueryError::UnknownColumn | QueryError::WrongValue => Self::InvalidReference,
            QueryError::Store(error) => error.into(),
        }
    }
}

impl From<SessionError> for ApiError {
    fn from(error: SessionError) -> Self {
        match error {
            SessionError::Store(error) => error.into(),
            SessionError::Signing => {
                log::error!("{error}");
                Self::Internal
            }
        }
    }
}

impl From<HashError> for ApiError {
    fn from(error: HashError) -> Self {
        log::error!("{error}");
        Self::Internal
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

impl From<DingTalkRefusal> for ApiError {
    fn from(refusal: DingTalkRefusal) -> Self {
        Self::DingTalk(refusal)
    }
}

impl From<PluginRefusal> for ApiError {
    fn from(refusal: PluginRefusal) -> Self {
        Self::Plugin(refusal)
    }
}
