//! `auth:*` — signing in, up and out, and passwords.

mod password;
mod session;
mod sign_in;
mod sign_up;

pub use password::{change_password, check_reset_token, lost_password, reset_password};
pub(super) use session::start_session;
pub use session::{check, sign_out, sync_cookies};
pub use sign_in::sign_in;
pub use sign_up::sign_up;

use entity::authenticator;

use super::{ApiError, Call};

/// The authenticator that a request means: NocoBase takes the first enabled one for a name that
/// is unknown or disabled.
async fn authenticator(call: &Call) -> Result<authenticator::Model, ApiError> {
    let name = call.authenticator_name();
    let mut enabled = call.app.store.enabled_authenticators().await?;
    enabled.sort_by_key(|row| (row.name != name, row.id));
    enabled
        .into_iter()
        .next()
        .ok_or(ApiError::UnknownAuthenticatorType)
}

/// The authenticator that a request means, when it keeps passwords.
async fn password_authenticator(call: &Call) -> Result<authenticator::Model, ApiError> {
    let authenticator = authenticator(call).await?;
    if authenticator.auth_type == crate::provider::password::AUTH_TYPE {
        Ok(authenticator)
    } else {
        Err(ApiError::UnknownAuthenticatorType)
    }
}
