//! Finding the role of a caller of this product's actions. NocoBase is asked, because it knows
//! roles that its tables do not show directly, such as those of departments.

use actix_web::HttpRequest;

use super::exchange::Exchange;
use super::permission;
use crate::domain::role::ActingRole;
use crate::domain::session::Verified;
use crate::edge::authority::{Authority, Denied};
use crate::state::AppState;

/// The roles according to the NocoBase behind the gateway.
pub struct NocoBaseRoles<'a>(pub &'a Exchange);

#[async_trait::async_trait(?Send)]
impl Authority for NocoBaseRoles<'_> {
    async fn role_of(
        &self,
        _: &AppState,
        _: &HttpRequest,
        _: &Verified,
    ) -> Result<ActingRole, Denied> {
        permission::role_of(self.0).await.map_err(Denied::Answered)
    }
}
