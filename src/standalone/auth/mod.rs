//! `auth:*`: signing in, signing up, signing out, and passwords.

mod password;
mod session;
mod sign_in;
mod sign_up;

pub use password::change_password;
pub use session::{check, sign_out, sync_cookies};
pub use sign_in::sign_in;
pub use sign_up::sign_up;

use serde_json::Value;

use crate::api::auth::authenticator;
use crate::domain::environment;
use crate::domain::password::AUTH_TYPE;
use crate::edge::{ApiError, Call};

/// The options of the authenticator that the request names, if its type is the one with passwords.
/// Variables that do not exist become empty, as in NocoBase.
async fn password_options(call: &Call) -> Result<Value, ApiError> {
    let authenticator = authenticator(call).await?;
    if authenticator.auth_type != AUTH_TYPE {
        return Err(ApiError::UnknownAuthenticatorType);
    }
    let app = &call.app;
    let resolved = environment::resolve(&app.store, &app.vault, &authenticator.options).await?;
    Ok(resolved.options)
}
