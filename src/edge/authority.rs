//! Who decides with which role a caller acts: the tables of the standalone server, or the NocoBase
//! behind the gateway.

use actix_web::{HttpRequest, HttpResponse};

use super::ApiError;
use crate::domain::role::ActingRole;
use crate::domain::session::Verified;
use crate::state::AppState;

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
    /// The role with which a caller with a valid token acts in this request: one, or the union of
    /// all roles of the caller.
    async fn role_of(
        &self,
        app: &AppState,
        request: &HttpRequest,
        verified: &Verified,
    ) -> Result<ActingRole, Denied>;
}
