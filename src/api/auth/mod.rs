//! `auth:*` — signing in, up and out, and passwords.

mod password;
mod session;
mod sign_in;
mod sign_out_everywhere;
mod sign_up;

pub(super) use password::guess_own;
pub use password::{change_password, check_reset_token, lost_password, reset_password};
pub(super) use session::start_session;
pub use session::{check, sign_out, sync_cookies};
pub(super) use sign_in::hand_over_session;
pub use sign_in::sign_in;
pub(super) use sign_out_everywhere::SignOutEverywhere;
pub use sign_out_everywhere::{sign_out_everywhere, who_may_end_sessions};
pub use sign_up::sign_up;

use entity::authenticator;
use serde_json::Value;

use super::{ApiError, Call};
use crate::domain::environment;

/// The authenticator that a request means: NocoBase takes the first enabled one for a name that
/// is unknown or disabled.
async fn authenticator(call: &Call) -> Result<authenticator::Model, ApiError> {
    let name = call.authenticator_name();
    let settings = call.app.store.settings().await?;
    let enabled = settings.authenticators.iter();
    enabled
        .min_by_key(|row| (row.name != name, row.id))
        .cloned()
        .ok_or(ApiError::UnknownAuthenticatorType)
}

/// The options of the authenticator that a request means, when it keeps passwords. Variables that
/// there are not leave nothing behind, as in NocoBase.
async fn password_options(call: &Call) -> Result<Value, ApiError> {
    let authenticator = authenticator(call).await?;
    if authenticator.auth_type != crate::domain::password::AUTH_TYPE {
        return Err(ApiError::UnknownAuthenticatorType);
    }
    let app = &call.app;
    let resolved = environment::resolve(&app.store, &app.vault, &authenticator.options).await?;
    Ok(resolved.options)
}
