//! The authenticator that a request names, and the check that the caller may change its bindings.

use entity::authenticator;

use crate::api::provider_actions::Provider;
use crate::domain::account::Administrator;
use crate::edge::error::Problem;
use crate::edge::{Access, ApiError, Call};

/// The authenticator of a provider with this name, enabled or not.
pub(super) async fn authenticator_of(
    call: &Call,
    name: Option<&str>,
) -> Result<(authenticator::Model, Provider), ApiError> {
    let name = name.ok_or_else(|| ApiError::invalid("authenticator", Problem::NULL))?;
    let row = call.app.store.authenticator(name).await?;
    let found = row.and_then(|row| {
        let provider = call.app.providers.of_type(&row.auth_type)?.clone();
        Some((row, provider))
    });
    found.ok_or_else(|| ApiError::invalid("authenticator", Problem::WRONG))
}

/// The caller, if they may change accounts.
pub(super) fn binder(call: &Call) -> Result<Administrator, ApiError> {
    let caller = call.caller()?;
    if !caller.may(Access::Administer("update", "pm.users")) {
        return Err(ApiError::Forbidden);
    }
    call.administrator()
}
