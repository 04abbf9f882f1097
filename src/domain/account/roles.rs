//! Changing the roles of an account.

use super::{AccountError, Administrator, refuse_root_account};
use crate::domain::role::{self, HeldRole};
use crate::store::{Store, StoreError, Transaction};

/// How the roles of an account change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RoleChange {
    /// These roles are added.
    Add,
    /// These roles are removed.
    Remove,
    /// These roles replace all others.
    Set,
}

/// Changes the roles of an account. Names of roles that do not exist are ignored.
pub async fn change_roles(
    store: &Store,
    user_id: i64,
    names: &[String],
    change: RoleChange,
    by: Administrator,
) -> Result<(), AccountError> {
    refuse_root_role(names)?;
    let transaction = store.begin().await?;
    // The new roles are made of the old ones, so nobody may change them in between.
    let user = transaction.lock_user(user_id).await?;
    refuse_root_account(&transaction.roles_of(user_id).await?, by)?;
    if user.is_some() {
        set_roles(&transaction, user_id, names, change).await?;
    }
    Ok(transaction.commit().await?)
}

/// Sets the role that an account has when a request names none. Of an account that does not have the
/// role, only the previous default is cleared.
pub async fn set_default_role(store: &Store, user_id: i64, role: &str) -> Result<(), StoreError> {
    let transaction = store.begin().await?;
    // Two simultaneous changes would otherwise each leave their role as the default.
    transaction.lock_user(user_id).await?;
    transaction.set_default_role(user_id, role).await?;
    transaction.commit().await
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
        // A role that this administrator cannot give stays, even when it is left out of the list.
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

/// Refuses roles that a new account would not get anyway, from whoever may not change roles.
pub(super) async fn refuse_chosen_roles(
    transaction: &Transaction,
    names: &[String],
    by: Administrator,
) -> Result<(), AccountError> {
    if by.may_give_power || names.is_empty() {
        return Ok(());
    }
    let roles = transaction.roles().await?;
    let is_default = |name: &String| {
        let mut roles = roles.iter();
        roles.any(|role| role.name == *name && role.default == Some(true))
    };
    if names.iter().all(is_default) {
        Ok(())
    } else {
        Err(AccountError::Power)
    }
}

/// Refuses other roles than an account has, from whoever may not change roles. Clients send the roles
/// with every change of an account.
pub(super) fn refuse_other_roles(
    held: &[HeldRole],
    names: &[String],
    by: Administrator,
) -> Result<(), AccountError> {
    let is_held = |name: &String| held.iter().any(|(role, _)| role.name == *name);
    let is_kept = held.iter().all(|(role, _)| names.contains(&role.name));
    if by.may_give_power || (is_kept && names.iter().all(is_held)) {
        Ok(())
    } else {
        Err(AccountError::Power)
    }
}
