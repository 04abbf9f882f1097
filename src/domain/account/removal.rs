//! Removing accounts.

use super::{AccountError, Administrator, FIRST, refuse_powerful_account};
use crate::store::{Store, repeated};

/// Removes accounts with everything that belongs to them, all or none. Returns their number.
pub async fn destroy(store: &Store, ids: &[i64], by: Administrator) -> Result<u64, AccountError> {
    repeated(
        || attempt(store, ids, by),
        |error| matches!(error, AccountError::Store(error) if error.is_overlap()),
    )
    .await
}

async fn attempt(store: &Store, ids: &[i64], by: Administrator) -> Result<u64, AccountError> {
    let transaction = store.begin().await?;
    let mut removed = 0;
    for id in ids {
        if *id == FIRST {
            return Err(AccountError::Root);
        }
        refuse_powerful_account(&transaction.roles_of(*id).await?, *id, by)?;
        removed += transaction.remove_user(*id).await?;
    }
    transaction.commit().await?;
    Ok(removed)
}
