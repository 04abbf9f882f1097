//! Starting and ending sessions, for the gateway and the standalone server alike.

mod session;
mod sign_out_everywhere;

pub use session::{Session, finish_sign_in, hand_over_session, start_session};
pub(super) use sign_out_everywhere::SignOutEverywhere;
pub use sign_out_everywhere::{sign_out_everywhere, who_may_end_sessions};

use entity::authenticator;

use crate::domain::guess_limits::PasswordGuess;
use crate::edge::{ApiError, Call};

/// The authenticator that a request names. For a name that is unknown or disabled, NocoBase takes
/// the first enabled one.
pub async fn authenticator(call: &Call) -> Result<authenticator::Model, ApiError> {
    let name = call.authenticator_name();
    let settings = call.app.store.settings().await?;
    let enabled = settings.authenticators.iter();
    enabled
        .min_by_key(|row| (row.name != name, row.id))
        .cloned()
        .ok_or(ApiError::UnknownAuthenticatorType)
}

/// Counts a guess at the password of the caller's own account, so that a stolen token cannot be
/// used to guess it. The key holds a control character and a space where no account name does, so
/// it is never that of a sign-in.
pub fn guess_caller_password(call: &Call) -> Result<PasswordGuess<'_>, ApiError> {
    let key = format!("\0 {}", call.caller()?.user.id);
    Ok(call.app.guess_limits.begin(&key, call.client_address())?)
}
