//! A new password for somebody who forgot the old one.
//!
//! The link in the mail carries a token; who has it may choose a password, once. This server sends
//! no mail: it takes links that a NocoBase with the same database and secret has sent.

use serde_json::Value;

use super::profile::is_email;
use super::session::{ResetToken, Sessions};
use crate::domain::password;
use crate::store::{Connection, Store, StoreError};

/// Why there is no new password.
#[derive(Debug, thiserror::Error)]
pub enum ResetError {
    /// No e-mail address.
    #[error("the e-mail address is missing")]
    NoEmail,
    /// Not an e-mail address.
    #[error("the e-mail address is not valid")]
    InvalidEmail,
    /// Nobody's e-mail address.
    #[error("no account has this e-mail address")]
    UnknownEmail,
    /// The authenticator resets no passwords.
    #[error("the authenticator does not reset passwords")]
    NotAllowed,
    /// No way to send a mail.
    #[error("there is no way to send a mail")]
    NoEmailChannel,
    /// The token is not good, or no longer.
    #[error("the token is not good")]
    Expired,
    /// The token's account is gone.
    #[error("the token's account does not exist")]
    UnknownUser,
    /// The new password is empty: nobody could sign in with it.
    #[error("the new password is empty")]
    EmptyPassword,
    /// The password could not be hashed.
    #[error(transparent)]
    Hash(#[from] password::HashError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Asks for a link. The order of checks is that of NocoBase 2.2.15; it ends where a server without
/// mail ends.
pub async fn request(store: &Store, options: &Value, email: &str) -> Result<(), ResetError> {
    if email.is_empty() {
        return Err(ResetError::NoEmail);
    }
    if !is_email(email) {
        return Err(ResetError::InvalidEmail);
    }
    if !store.email_is_taken(email, None).await? {
        return Err(ResetError::UnknownEmail);
    }
    let allowed = options.pointer("/public/enableResetPassword");
    if allowed != Some(&Value::Bool(true)) {
        return Err(ResetError::NotAllowed);
    }
    Err(ResetError::NoEmailChannel)
}

/// Whether a link is still good.
pub async fn check(store: &Store, sessions: &Sessions, token: &str) -> Result<(), ResetError> {
    let read = sessions.read_reset(token).ok_or(ResetError::Expired)?;
    match check_token(store, &read, token).await {
        // The page learns about a missing account when it sends the password.
        Ok(()) | Err(ResetError::UnknownUser) => Ok(()),
        Err(error) => Err(error),
    }
}

/// Sets the password and uses the link up. All sessions of the account end. Gives the account.
pub async fn reset(
    store: &Store,
    sessions: &Sessions,
    token: &str,
    password: &str,
) -> Result<i64, ResetError> {
    let read = sessions.read_reset(token).ok_or(ResetError::Expired)?;
    check_token(store, &read, token).await?;
    if password.is_empty() {
        return Err(ResetError::EmptyPassword);
    }
    let hash = password::hash(password).await?;
    let transaction = store.begin().await?;
    // Two requests with one link wait for each other here, and the second finds it used.
    transaction.lock_user(read.user_id).await?;
    check_token(&transaction, &read, token).await?;
    transaction.set_password(read.user_id, hash).await?;
    transaction.blacklist(token, Some(read.expires_at)).await?;
    transaction.commit().await?;
    Ok(read.user_id)
}

async fn check_token<C: Connection>(
    store: &Store<C>,
    read: &ResetToken,
    token: &str,
) -> Result<(), ResetError> {
    if store.is_blacklisted(token).await? {
        return Err(ResetError::Expired);
    }
    let user = store.user(read.user_id).await?;
    let user = user.ok_or(ResetError::UnknownUser)?;
    // A link from before the last change may lie in a mailbox that somebody else reads by now.
    if user
        .password_change_tz
        .is_some_and(|changed| read.issued_at.saturating_mul(1000) < changed)
    {
        return Err(ResetError::Expired);
    }
    Ok(())
}
