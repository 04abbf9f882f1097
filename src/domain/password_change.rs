//! Changing one's password.

use crate::domain::password;
use crate::store::{Store, StoreError};

/// What somebody filled in.
#[derive(Clone)]
pub struct PasswordChange {
    /// The password so far.
    pub old: String,
    /// The new one.
    pub new: String,
    /// The new one once more.
    pub confirmation: String,
}

/// Why a password was not changed.
#[derive(Debug, thiserror::Error)]
pub enum PasswordError {
    /// The settings forbid it.
    #[error("passwords may not be changed here")]
    NotAllowed,
    /// The two new passwords differ.
    #[error("the passwords differ")]
    Differ,
    /// The old password is wrong.
    #[error("the old password is wrong")]
    Wrong,
    /// The new password is empty: nobody could sign in with it.
    #[error("the new password is empty")]
    Empty,
    /// The password could not be hashed.
    #[error(transparent)]
    Hash(#[from] password::HashError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl PasswordChange {
    /// What can be said before the old password is looked at, in NocoBase's order.
    pub async fn check(&self, store: &Store) -> Result<(), PasswordError> {
        let settings = store.system_settings().await?;
        if settings.is_some_and(|settings| settings.enable_change_password == Some(false)) {
            return Err(PasswordError::NotAllowed);
        }
        if self.new != self.confirmation {
            return Err(PasswordError::Differ);
        }
        Ok(())
    }
}

/// Changes the password of an account. All its sessions end.
pub async fn change(
    store: &Store,
    user_id: i64,
    change: PasswordChange,
) -> Result<(), PasswordError> {
    // The password in force, not one that somebody remembers.
    let user = store.user(user_id).await?;
    let stored = user.and_then(|user| user.password);
    if !password::verify(&change.old, stored.as_deref()).await? {
        return Err(PasswordError::Wrong);
    }
    if change.new.is_empty() {
        return Err(PasswordError::Empty);
    }
    let hash = password::hash(&change.new).await?;
    let transaction = store.begin().await?;
    transaction.set_password(user_id, hash).await?;
    Ok(transaction.commit().await?)
}
