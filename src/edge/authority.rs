//! Who decides with which role a caller acts: the tables of the standalone server, or the NocoBase
//! behind the gateway.

use actix_web::http::header::HeaderMap;
use actix_web::{HttpRequest, HttpResponse};

use super::ApiError;
use crate::domain::role::ActingRole;
use crate::domain::session::Verified;
use crate::state::AppState;

/// The role that a caller was given.
pub struct Granted {
    /// One role, or the union of all roles of the caller.
    pub role: ActingRole,
    /// Headers that the answer has to carry, such as a new token.
    pub headers: HeaderMap,
}

/// Why a caller was given no role.
pub enum Denied {
    /// This server refuses the request.
    Refused(ApiError),
    /// NocoBase has already answered the request, and its answer is passed on.
    Answered(HttpResponse),
}

impl From<ApiError> for Denied {
    fn from(error: ApiError) -> Self {
        Self::Refused(error)
    }
}

/// Decides with which role callers act.
#[async_trait::async_trait(?Send)]
pub trait Authority {
    /// The role with which a caller with a valid token acts in this request.
    async fn role_of(
        &self,
        app: &AppState,
        request: &HttpRequest,
        verified: &Verified,
    ) -> Result<Granted, Denied>;
}
