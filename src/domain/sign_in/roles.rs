//! Checking that an account has a role, without which all of its requests would be refused.

use super::SignInError;
use crate::domain::role;
use crate::store::{Connection, Store};

/// Refuses an account without a role.
pub async fn refuse_without<C: Connection>(
    store: &Store<C>,
    user_id: i64,
) -> Result<(), SignInError> {
    if role::of_account(store, user_id).await?.is_empty() {
        return Err(SignInError::NoRole(user_id));
    }
    Ok(())
}
