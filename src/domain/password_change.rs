//! Changing one's own password.

use crate::domain::password;
use crate::store::{Store, StoreError};

/// The values of the form.
#[derive(Clone)]
pub struct PasswordChange {
    /// The current password.
    pub old: String,
    /// The new password.
    pub new: String,
    /// The new password again.
    pub confirmation: String,
}

/// Why a password was not changed.
#[derive(Debug, thiserror::Error)]
pub enum PasswordError {
    /// The settings forbid changing passwords.
    #[error("passwords may not be changed here")]
    NotAllowed,
    /// The two new passwords differ.
    #[error("the passwords differ")]
    Differ,
    /// The old password is wrong.
    #[error("the old password is wrong")]
    Wrong,
    /// The new password is empty, so nobody could sign in with it.
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
    /// Makes the checks that come before the current password is verified, in NocoBase's order.
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

/// Changes the password of an account and ends all its sessions.
pub async fn change(
    store: &Store,
    user_id: i64,
    change: PasswordChange,
) -> Result<(), PasswordError> {
    // The password is read from the database, because a cached one may be out of date.
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
    // Computing the hashes takes a while. A password that an administrator has set meanwhile stays,
    // because the old one is no longer right.
    let current = transaction.lock_user(user_id).await?;
    if current.and_then(|user| user.password) != stored {
        return Err(PasswordError::Wrong);
    }
    transaction.set_password(user_id, hash).await?;
    Ok(transaction.commit().await?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::test_installation::{TestInstallation, amid};
    use crate::store::NewUser;

    #[tokio::test]
    async fn a_password_that_an_administrator_sets_meanwhile_stays() {
        let installation = TestInstallation::new().await;
        let store = &installation.store;
        let new = NewUser {
            password: Some(password::hash("old").await.unwrap()),
            ..NewUser::default()
        };
        let id = installation.account(new).await.id;
        let set = password::hash("of an administrator").await.unwrap();
        let first = store.begin().await.unwrap();
        first.set_password(id, set.clone()).await.unwrap();
        let form = PasswordChange {
            old: "old".to_owned(),
            new: "of a thief".to_owned(),
            confirmation: "of a thief".to_owned(),
        };
        let outcome = amid(first, change(store, id, form)).await;
        assert!(matches!(outcome, Err(PasswordError::Wrong)), "{outcome:?}");
        let kept = store.user(id).await.unwrap().unwrap();
        assert_eq!(kept.password, Some(set));
    }
}
