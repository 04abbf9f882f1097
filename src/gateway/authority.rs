//! What somebody may do at our own actions: NocoBase knows roles that we do not, such as those that
//! come by departments.

use actix_web::HttpRequest;

use super::exchange::Exchange;
use super::permission;
use crate::domain::session::Verified;
use crate::edge::authority::{Authority, Denied, Granted};
use crate::state::AppState;

/// The NocoBase behind us.
pub struct NocoBaseRoles<'a>(pub &'a Exchange);

#[async_trait::async_trait(?Send)]
impl Authority for NocoBaseRoles<'_> {
    async fn role_of(
        &self,
        _: &AppState,
        _: &HttpRequest,
        _: &Verified,
    ) -> Result<Granted, Denied> {
        permission::role_of(self.0).await.map_err(Denied::Answered)
    }
}
