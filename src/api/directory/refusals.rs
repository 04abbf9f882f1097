//! Converts errors of the directory to errors of the API. Their causes go only to the log.

use crate::domain::directory::SaveSourceError;
use crate::domain::directory::run::BeginError;
use crate::domain::directory::source::SourceError;
use crate::edge::ApiError;
use crate::edge::error::{Cause, DirectoryRefusal};
use crate::state::directory_runs::StartError;

impl From<SourceError> for ApiError {
    fn from(error: SourceError) -> Self {
        let refusal = match error {
            SourceError::Store(error) => return error.into(),
            SourceError::Gone
            | SourceError::SwitchedOff
            | SourceError::NoAuthenticator
            | SourceError::NoDirectory => DirectoryRefusal::NoSource,
            SourceError::Options(error) => DirectoryRefusal::WrongOptions(Cause::new(error)),
            SourceError::NoActingAccount => DirectoryRefusal::AccountGone,
            error @ SourceError::Authenticator(_) => DirectoryRefusal::NotUsable(Cause::new(error)),
        };
        Self::Directory(refusal)
    }
}

impl From<SaveSourceError> for ApiError {
    fn from(error: SaveSourceError) -> Self {
        match error {
            SaveSourceError::Store(error) => error.into(),
            error @ SaveSourceError::Options(_) => Self::internal(error),
        }
    }
}

impl From<StartError> for ApiError {
    fn from(error: StartError) -> Self {
        match error {
            StartError::Begin(BeginError::UnderWay) => Self::Directory(DirectoryRefusal::UnderWay),
            StartError::Begin(BeginError::Store(error)) => error.into(),
            error @ StartError::Ending => Self::Busy(Cause::new(error)),
        }
    }
}
