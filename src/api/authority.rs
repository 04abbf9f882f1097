//! Who says what a caller may do: our own tables, or the NocoBase behind us.

use actix_web::http::header::HeaderMap;
use actix_web::{HttpRequest, HttpResponse};

use super::ApiError;
use super::access::role_mode;
use super::call::header;
use super::cookies::Cookies;
use crate::app::App;
use crate::domain::role::{Acting, Asked, choose};
use crate::domain::session::Verified;

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
        app: &App,
        request: &HttpRequest,
        verified: &Verified,
    ) -> Result<Granted, Denied>;
}

/// The tables of roles that are ours.
pub struct OwnRoles;

#[async_trait::async_trait(?Send)]
impl Authority for OwnRoles {
    async fn role_of(
        &self,
        app: &App,
        request: &HttpRequest,
        verified: &Verified,
    ) -> Result<Granted, Denied> {
        let remembered = Cookies::role(request);
        let key = verified.claims.role_name.as_deref();
        let asked = match (key, header(request, "x-role"), remembered.as_deref()) {
            (Some(role), _, _) => Asked::Key(role),
            (None, Some(role), _) => Asked::Named(role),
            (None, None, Some(role)) => Asked::Remembered(role),
            (None, None, None) => Asked::Nothing,
        };
        let role =
            choose(&verified.account.held, role_mode(app).await?, asked).map_err(ApiError::from)?;
        Ok(Granted {
            role,
            headers: HeaderMap::new(),
        })
    }
}
