//! Refusals of the control API.

use actix_web::{HttpResponse, ResponseError, http::StatusCode};
use serde::Serialize;

use crate::{
    delivery::CallbackError,
    oauth::SignInError,
    state::{directory::DirectoryError, redirect_uri::RedirectUriError},
};

/// Why a call was refused. Its display is the `error` in the answer.
#[derive(Debug, thiserror::Error)]
pub enum ControlError {
    /// The body is malformed.
    #[error("{0}")]
    Request(String),
    /// The call names something that does not exist.
    #[error("no such {0}")]
    NotFound(String),
    /// The change of the directory is not possible.
    #[error(transparent)]
    Directory(#[from] DirectoryError),
    /// The callback address did not answer the check correctly.
    #[error(transparent)]
    Callback(#[from] CallbackError),
    /// The login page would have refused the sign-in.
    #[error(transparent)]
    SignIn(#[from] SignInError),
    /// A redirect URI that cannot be registered.
    #[error(transparent)]
    RedirectUri(#[from] RedirectUriError),
}

#[derive(Serialize)]
struct Body {
    error: String,
}

impl ResponseError for ControlError {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::NotFound(_)
            | Self::Directory(
                DirectoryError::UnknownPerson(_)
                | DirectoryError::UnknownDepartment(_)
                | DirectoryError::UnknownOrganization(_),
            ) => StatusCode::NOT_FOUND,
            _ => StatusCode::BAD_REQUEST,
        }
    }

    fn error_response(&self) -> HttpResponse {
        HttpResponse::build(self.status_code()).json(Body {
            error: self.to_string(),
        })
    }
}
