//! Ending what somebody may do, so that it has ended when the next request comes.
//!
//! NocoBase 2.2.15 keeps roles and sessions in its memory. These calls change the memory too, for open
//! sessions and for API keys; their siblings, such as `users/ID/roles:set`, change the tables alone, and
//! rights go on until NocoBase starts anew. `tests/it/gateway/hand/leaving.rs` holds the list of calls.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use rand::RngExt;
use serde_json::json;
use tokio::time::timeout;

use super::accounts::change;
use super::client::{NocoBase, PATIENCE};
use super::error::CallError;
use crate::domain::directory::{self, Outcome, StepError};
use crate::gateway::sign_out;

/// How many API keys of one account are looked at in one go.
const KEYS: u64 = 100;

/// Ends all access of an account: its roles, its sessions, its password, its API keys and its binding.
///
/// Roles first, as that shuts out whoever is there at once. The password ends what the account has open
/// for good, also if it gets roles again one day, and has NocoBase forget what it remembers of its roles.
pub async fn end_access(
    nocobase: &NocoBase,
    authenticator: &str,
    account: i64,
) -> Result<Outcome, StepError> {
    change(nocobase, account, &json!({"roles": []})).await?;
    change(nocobase, account, &json!({"password": unknown_password()})).await?;
    destroy_api_keys(nocobase, account).await?;
    directory::unbind(&nocobase.app().store, authenticator, account).await?;
    Ok(Outcome::Done)
}

/// Removes the binding of an account, and ends its sessions: which of them began by the binding, NocoBase
/// does not keep.
pub async fn unbind(
    nocobase: &NocoBase,
    authenticator: &str,
    account: i64,
) -> Result<Outcome, StepError> {
    let app = nocobase.app();
    let user = app.store.user(account).await.map_err(StepError::of_store)?;
    if user.is_none() {
        return Err(StepError::Gone);
    }
    directory::unbind(&app.store, authenticator, account).await?;
    let ended = app.sessions.end_all(&app.store, account, None).await;
    ended.map_err(CallError::from)?;
    let told = sign_out::tell(app, nocobase.upstream(), account);
    match timeout(PATIENCE, told).await {
        Ok(told) => told.map_err(CallError::from)?,
        Err(_) => return Err(CallError::TimedOut.into()),
    }
    Ok(Outcome::Done)
}

/// Removes an account with everything that belongs to it.
pub async fn delete(
    nocobase: &NocoBase,
    authenticator: &str,
    account: i64,
) -> Result<Outcome, StepError> {
    destroy_api_keys(nocobase, account).await?;
    nocobase
        .post_to("users:destroy", account, &json!({}))
        .await?;
    // NocoBase has removed the binding, but not what we look bindings up by.
    directory::unbind(&nocobase.app().store, authenticator, account).await?;
    Ok(Outcome::Done)
}

/// Has NocoBase refuse the tokens of an account's programs, and removes them.
///
/// NocoBase refuses the token of whichever key it is asked to remove, and then removes the row only if it is
/// the caller's own. A token that it would go on to take is an error: the key would live again with the
/// next role of the account.
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

/// A password that nobody knows.
fn unknown_password() -> String {
    let bytes: [u8; 32] = rand::rng().random();
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}
