//! Removing accounts.

use super::{AccountError, Administrator, FIRST, lock, refuse_powerful_account};
use crate::store::{Store, repeated};

/// What was removed.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Removed {
    /// The number of accounts.
    pub accounts: u64,
    /// The bindings that went with them: each account, and the name of the authenticator.
    pub bindings: Vec<(i64, String)>,
}

/// Removes accounts with everything that belongs to them, all or none.
pub async fn destroy(
    store: &Store,
    ids: &[i64],
    by: Administrator,
) -> Result<Removed, AccountError> {
    repeated(
        || attempt(store, ids, by),
        |error| matches!(error, AccountError::Store(error) if error.is_overlap()),
    )
    .await
}

async fn attempt(store: &Store, ids: &[i64], by: Administrator) -> Result<Removed, AccountError> {
    let transaction = store.begin().await?;
    let mut removed = Removed::default();
    // From here on nobody else binds the accounts or changes their roles. The roles are read after
    // that, so that those count which another administrator changes meanwhile.
    lock(&transaction, ids).await?;
    for id in ids {
        if *id == FIRST {
            return Err(AccountError::Root);
        }
        refuse_powerful_account(&transaction.roles_of(*id).await?, *id, by)?;
        let bound = transaction.authenticators_of(*id).await?;
        removed
            .bindings
            .extend(bound.into_iter().map(|name| (*id, name)));
        removed.accounts += transaction.remove_user(*id).await?;
    }
    transaction.commit().await?;
    Ok(removed)
}
