//! Who says what a caller may do: our own tables, or the NocoBase behind us.

use actix_web::http::header::HeaderMap;
use actix_web::{HttpRequest, HttpResponse};

use super::ApiError;
use crate::domain::role::Acting;
use crate::domain::session::Verified;
use crate::state::AppState;

/// What a caller acts with.
pub struct Granted {
    /// The role, or all of them together.
    pub role: Acting,
    /// What the answer has to carry beside: a new token for instance.
    pub headers: HeaderMap,
}

/// Why somebody acts with nothing.
pub enum Denied {
    /// We refuse.
    Refused(ApiError),
    /// Whoever was asked has given an answer already.
    Answered(HttpResponse),
}

impl From<ApiError> for Denied {
    fn from(error: ApiError) -> Self {
        Self::Refused(error)
    }
}

/// Says what callers may do.
#[async_trait::async_trait(?Send)]
pub trait Authority {
    /// What somebody with a good token acts with in this request.
    async fn role_of(
        &self,
        app: &AppState,
        request: &HttpRequest,
        verified: &Verified,
    ) -> Result<Granted, Denied>;
}
