//! The roles of an account, as administrators give and take them.

use super::{AccountError, Administrator, refuse_root_account};
use crate::domain::role;
use crate::store::{Store, StoreError, Transaction};

/// What happens to the roles of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RoleChange {
    /// These are given in addition.
    Add,
    /// These are taken away.
    Remove,
    /// These take the place of all.
    Set,
}

/// Gives or takes roles. Names of roles that there are not count for nothing.
pub async fn change_roles(
    store: &Store,
    user_id: i64,
    names: &[String],
    change: RoleChange,
    by: Administrator,
) -> Result<(), AccountError> {
    refuse_root_role(names)?;
    let transaction = store.begin().await?;
    refuse_root_account(&transaction.roles_of(user_id).await?, by)?;
    if transaction.user(user_id).await?.is_some() {
        set_roles(&transaction, user_id, names, change).await?;
    }
    Ok(transaction.commit().await?)
}

pub(super) async fn set_roles(
    transaction: &Transaction,
    user_id: i64,
    names: &[String],
    change: RoleChange,
) -> Result<(), StoreError> {
    let held = transaction.roles_of(user_id).await?;
    let held = held.into_iter().map(|(role, _)| role.name.clone());
    let names: Vec<String> = match change {
        RoleChange::Add => held.chain(names.iter().cloned()).collect(),
        RoleChange::Remove => held.filter(|name| !names.contains(name)).collect(),
        // What this administrator cannot give, they cannot take by leaving it out either.
        RoleChange::Set => held
            .filter(|name| name == role::ROOT)
            .chain(names.iter().cloned())
            .collect(),
    };
    transaction.set_roles(user_id, &names).await
}

pub(super) fn refuse_root_role(names: &[String]) -> Result<(), AccountError> {
    if names.iter().any(|name| name == role::ROOT) {
        Err(AccountError::Root)
    } else {
        Ok(())
    }
}
