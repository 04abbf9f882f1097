//! Finding the role of a caller in this server's own tables.

use actix_web::HttpRequest;

use crate::domain::role::{ActingRole, RequestedRole, choose};
use crate::domain::session::Verified;
use crate::edge::ApiError;
use crate::edge::access::role_mode;
use crate::edge::authority::{Authority, Denied};
use crate::edge::cookies::Cookies;
use crate::edge::head::header;
use crate::state::AppState;

/// The standalone server's own tables of roles.
pub struct StandaloneRoles;

#[async_trait::async_trait(?Send)]
impl Authority for StandaloneRoles {
    async fn role_of(
        &self,
        app: &AppState,
        request: &HttpRequest,
        verified: &Verified,
    ) -> Result<ActingRole, Denied> {
        let remembered = Cookies::role(request);
        let key = verified.claims.role_name.as_deref();
        let asked = match (key, header(request, "x-role"), remembered.as_deref()) {
            (Some(role), _, _) => RequestedRole::Key(role),
            (None, Some(role), _) => RequestedRole::Named(role),
            (None, None, Some(role)) => RequestedRole::Remembered(role),
            (None, None, None) => RequestedRole::Nothing,
        };
        let role = choose(&verified.account.held, role_mode(app).await?, asked);
        Ok(role.map_err(ApiError::from)?)
    }
}
