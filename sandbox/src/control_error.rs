//! Refusals of the control API.

use actix_web::{HttpResponse, ResponseError, http::StatusCode};
use serde::Serialize;

use crate::{
    delivery::CallbackError,
    oauth::SignInError,
    state::{directory::DirectoryError, redirect_uri::RedirectUriError},
};

/// Why a call was refused; its display is the `error` on the wire.
#[derive(Debug, thiserror::Error)]
pub enum ControlError {
    /// The body does not say what it must.
    #[error("{0}")]
    Request(String),
    /// It names something that is not there.
    #[error("no such {0}")]
    NotFound(String),
    /// A change of the directory that is not possible.
    #[error(transparent)]
    Directory(#[from] DirectoryError),
    /// A callback address that does not answer as it must.
    #[error(transparent)]
    Callback(#[from] CallbackError),
    /// What the login page would have refused.
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
                | DirectoryError::UnknownOrganisation(_),
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
