//! Steps that end the access of an account with effect from the next request.
//!
//! NocoBase 2.2.15 keeps roles and sessions in its memory. The calls in this module update that
//! memory for open sessions and API keys, too. Similar calls, such as `users/ID/roles:set`, change
//! only the tables, so that permissions would last until NocoBase restarts.
//! `tests/it/gateway/steps/leaving.rs` lists both kinds.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use rand::RngExt;
use serde_json::json;
use tokio::time::timeout;

use super::accounts::change;
use super::client::{NocoBase, REQUEST_TIMEOUT};
use super::error::CallError;
use crate::domain::directory::{self, StepError, StepOutcome};
use crate::gateway::sign_out;

/// How many API keys of an account are read at once.
const KEYS: u64 = 100;

/// Ends all access of an account: its roles, sessions, password, API keys and binding are removed.
///
/// The roles are removed first, because that shuts out open sessions at once. The new password then
/// ends these sessions for good, so that they stay closed even if the account gets roles again, and
/// makes NocoBase forget the roles that it remembers.
pub async fn end_access(
    nocobase: &NocoBase,
    authenticator: &str,
    account: i64,
) -> Result<StepOutcome, StepError> {
    change(nocobase, account, &json!({"roles": []})).await?;
    change(nocobase, account, &json!({"password": unknown_password()})).await?;
    destroy_api_keys(nocobase, account).await?;
    directory::unbind(&nocobase.app().store, authenticator, account).await?;
    Ok(StepOutcome::Done)
}

/// Removes the binding of an account and ends all its sessions. NocoBase does not record which
/// sessions began with the binding, so none is spared.
pub async fn unbind(
    nocobase: &NocoBase,
    authenticator: &str,
    account: i64,
) -> Result<StepOutcome, StepError> {
    let app = nocobase.app();
    let user = app.store.user(account).await.map_err(StepError::of_store)?;
    if user.is_none() {
        return Err(StepError::Gone);
    }
    directory::unbind(&app.store, authenticator, account).await?;
    let ended = app.sessions.end_all(&app.store, account, None).await;
    ended.map_err(CallError::from)?;
    let told = sign_out::tell(app, nocobase.upstream(), account);
    match timeout(REQUEST_TIMEOUT, told).await {
        Ok(told) => told.map_err(CallError::from)?,
        Err(_) => return Err(CallError::TimedOut.into()),
    }
    Ok(StepOutcome::Done)
}

/// Deletes an account with everything that belongs to it.
pub async fn delete(
    nocobase: &NocoBase,
    authenticator: &str,
    account: i64,
) -> Result<StepOutcome, StepError> {
    destroy_api_keys(nocobase, account).await?;
    nocobase
        .post_to("users:destroy", account, &json!({}))
        .await?;
    // NocoBase deletes the binding with the account, but not the rows in the look-up tables.
    directory::unbind(&nocobase.app().store, authenticator, account).await?;
    Ok(StepOutcome::Done)
}

/// Makes NocoBase refuse the API keys of an account, and deletes them.
///
/// NocoBase revokes the token of any key that it is asked to delete, but then deletes the row only
/// if the key is the caller's. So the row is deleted here. A token that is still accepted is an
/// error, because it would work again as soon as the account gets a role.
async fn destroy_api_keys(nocobase: &NocoBase, account: i64) -> Result<(), StepError> {
    let store = &nocobase.app().store;
    loop {
        let keys = store
            .api_keys_of(account, KEYS)
            .await
            .map_err(StepError::of_store)?;
        if keys.is_empty() {
            return Ok(());
        }
        for key in keys {
            nocobase
                .post_to("apiKeys:destroy", key.id, &json!({}))
                .await?;
            if let Some(token) = &key.token
                && nocobase.still_takes(token).await?
            {
                let refused = "NocoBase goes on to take an API key of the account";
                return Err(StepError::Refused(refused.to_owned()));
            }
            store
                .delete_api_key(key.id)
                .await
                .map_err(StepError::of_store)?;
        }
    }
}

/// A random password that nobody knows.
fn unknown_password() -> String {
    let bytes: [u8; 32] = rand::rng().random();
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}
