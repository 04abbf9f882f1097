//! Accounts as administrators manage them.

mod removal;
mod roles;

pub use removal::{Removed, destroy};
pub use roles::{RoleChange, change_roles, set_default_role};

use std::collections::HashMap;

use entity::user;

use self::roles::{refuse_chosen_roles, refuse_other_roles, refuse_root_role, set_roles};
use super::profile::{Field, first_taken};
use super::role::{self, HeldRole};
use crate::domain::password;
use crate::store::{NewUser, Store, StoreError, Transaction};

/// The first account of an installation. It cannot be removed.
pub const FIRST: i64 = 1;

/// Changes to an account; fields that are `None` stay as they are.
#[derive(Clone, Debug, Default)]
pub struct AccountEdit {
    /// Values of the profile; an inner `None` removes the value.
    pub fields: Vec<(Field, Option<String>)>,
    /// The language of the web client.
    pub app_lang: Option<Option<String>>,
    /// A new password, in clear text.
    pub password: Option<String>,
    /// The names of all roles that the account will have.
    pub roles: Option<Vec<String>>,
}

/// The person who changes accounts.
#[derive(Clone, Copy, Debug)]
pub struct Administrator {
    /// Their account.
    pub id: i64,
    /// Whether they use the root role.
    pub is_root: bool,
    /// Whether they may change the roles of accounts.
    pub may_give_power: bool,
    /// Whether a program acts with an API key of theirs, which has one of their roles only.
    pub by_key: bool,
}

impl Administrator {
    /// Whether they may change this account although it is an administrator's: whoever could change
    /// the password of such an account could act as that administrator, and change roles. Their own
    /// account gives nobody more than they have, except a program: its key has one role, and the
    /// account may have others.
    pub fn may_change_administrator(self, id: i64) -> bool {
        self.may_give_power || (id == self.id && !self.by_key)
    }
}

/// Why accounts were not changed.
#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    /// This administrator may not give the root role, or change an account that has it.
    #[error("the root role is given to nobody, and only root changes root")]
    Root,
    /// The change gives or takes power, and this administrator may not change roles.
    #[error("only who may change roles gives them, and changes accounts of administrators")]
    Power,
    /// There is no such account.
    #[error("there is no such account")]
    Unknown,
    /// Another account has the value.
    #[error("the {} is taken", .0.name())]
    Taken(Field),
    /// The password could not be hashed.
    #[error(transparent)]
    Hash(#[from] password::HashError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Creates an account. If none of its roles exist, it gets the default one.
pub async fn create(
    store: &Store,
    change: AccountEdit,
    by: Administrator,
) -> Result<user::Model, AccountError> {
    let roles = change.roles.clone().unwrap_or_default();
    refuse_root_role(&roles)?;
    let value = |field| {
        let found = change.fields.iter().find(|(of, _)| *of == field);
        found.and_then(|(_, value)| value.clone())
    };
    let new = NewUser {
        nickname: value(Field::Nickname),
        username: value(Field::Username),
        email: value(Field::Email),
        phone: value(Field::Phone),
        password: hashed(change.password.as_deref()).await?,
        author: Some(by.id),
    };
    let transaction = store.begin().await?;
    refuse_chosen_roles(&transaction, &roles, by).await?;
    // The table's own index treats addresses that differ only in case as different.
    let (username, email) = (new.username.as_deref(), new.email.as_deref());
    if let Some(field) = first_taken(&transaction, username, email, None).await? {
        return Err(AccountError::Taken(field));
    }
    let created = async {
        let user = transaction.create_user(new.clone()).await?;
        if !transaction.existing_roles(&roles).await?.is_empty() {
            transaction.set_roles(user.id, &roles).await?;
        }
        Ok(user)
    };
    let outcome = created.await;
    let values = [
        (Field::Username, new.username.as_deref()),
        (Field::Email, new.email.as_deref()),
        (Field::Phone, new.phone.as_deref()),
    ];
    finish(store, transaction, outcome, &values, None).await
}

/// Changes accounts, all or none.
pub async fn update(
    store: &Store,
    ids: &[i64],
    change: &AccountEdit,
    by: Administrator,
) -> Result<Vec<user::Model>, AccountError> {
    refuse_root_role(change.roles.as_deref().unwrap_or_default())?;
    let password = hashed(change.password.as_deref()).await?;
    let mut changed = Vec::new();
    let transaction = store.begin().await?;
    // All columns of the profiles are written, and the new roles are made of the old ones, so nobody
    // may change them in between.
    let locked = lock(&transaction, ids).await?;
    for id in ids {
        let Some(mut user) = locked.get(id).cloned() else {
            continue;
        };
        let held = transaction.roles_of(*id).await?;
        refuse_powerful_account(&held, *id, by)?;
        if let Some(roles) = &change.roles {
            refuse_other_roles(&held, roles, by)?;
        }
        let email = user.email.clone();
        for (field, value) in &change.fields {
            field.slot(&mut user).clone_from(value);
        }
        if user.email != email {
            let email = user.email.as_deref();
            if let Some(field) = first_taken(&transaction, None, email, Some(*id)).await? {
                return Err(AccountError::Taken(field));
            }
        }
        if let Some(language) = &change.app_lang {
            user.app_lang.clone_from(language);
        }
        user.updated_by_id = Some(by.id);
        changed.push(user);
    }
    let written = async {
        let mut rows = Vec::new();
        for user in &changed {
            let mut row = transaction.save_user(user).await?;
            if let Some(hash) = &password {
                row = transaction.set_password(user.id, hash.clone()).await?;
            }
            if let Some(roles) = &change.roles {
                set_roles(&transaction, user.id, roles, RoleChange::Set).await?;
            }
            rows.push(row);
        }
        Ok(rows)
    };
    let outcome = written.await;
    let values: Vec<_> = change
        .fields
        .iter()
        .map(|(field, v)| (*field, v.as_deref()))
        .collect();
    let for_account = changed.first().map(|user| user.id);
    finish(store, transaction, outcome, &values, for_account).await
}

/// Locks accounts. In the order of their ids, no two changes wait for each other.
async fn lock(
    transaction: &Transaction,
    ids: &[i64],
) -> Result<HashMap<i64, user::Model>, StoreError> {
    let mut in_order = ids.to_vec();
    in_order.sort_unstable();
    let mut locked = HashMap::new();
    for id in in_order {
        let user = transaction.lock_user(id).await?;
        locked.extend(user.map(|user| (id, user)));
    }
    Ok(locked)
}

/// Commits a change, or finds out which value is taken.
async fn finish<T>(
    store: &Store,
    transaction: Transaction,
    outcome: Result<T, StoreError>,
    values: &[(Field, Option<&str>)],
    for_account: Option<i64>,
) -> Result<T, AccountError> {
    match outcome {
        Ok(changed) => {
            transaction.commit().await?;
            Ok(changed)
        }
        Err(StoreError::Conflict(what)) => {
            // The transaction is dropped first, so that the other accounts can be seen.
            drop(transaction);
            let value = |field| {
                values
                    .iter()
                    .find(|(of, _)| *of == field)
                    .and_then(|(_, v)| *v)
            };
            let (username, email) = (value(Field::Username), value(Field::Email));
            if let Some(field) = first_taken(store, username, email, for_account).await? {
                return Err(AccountError::Taken(field));
            }
            match value(Field::Phone) {
                Some(phone) if store.phone_is_taken(phone, for_account).await? => {
                    Err(AccountError::Taken(Field::Phone))
                }
                _ => Err(StoreError::Conflict(what).into()),
            }
        }
        Err(error) => Err(error.into()),
    }
}

/// Ends all sessions of an account.
pub async fn end_sessions(
    store: &Store,
    user_id: i64,
    by: Administrator,
) -> Result<(), AccountError> {
    let transaction = store.begin().await?;
    if transaction.lock_user(user_id).await?.is_none() {
        return Err(AccountError::Unknown);
    }
    refuse_root_account(&transaction.roles_of(user_id).await?, by)?;
    transaction.end_sessions(user_id, None).await?;
    Ok(transaction.commit().await?)
}

/// Whoever could change the password of a root account could become root.
fn refuse_root_account(held: &[HeldRole], by: Administrator) -> Result<(), AccountError> {
    let is_root = held.iter().any(|(held, _)| held.name == role::ROOT);
    if is_root && !by.is_root {
        Err(AccountError::Root)
    } else {
        Ok(())
    }
}

/// Refuses an account that root alone, or only who may change roles, may change.
fn refuse_powerful_account(
    held: &[HeldRole],
    id: i64,
    by: Administrator,
) -> Result<(), AccountError> {
    refuse_root_account(held, by)?;
    let administers = held.iter().any(|(held, _)| role::administers(held));
    if administers && !by.may_change_administrator(id) {
        Err(AccountError::Power)
    } else {
        Ok(())
    }
}

async fn hashed(password: Option<&str>) -> Result<Option<String>, password::HashError> {
    match password.filter(|password| !password.is_empty()) {
        Some(password) => Ok(Some(password::hash(password).await?)),
        None => Ok(None),
    }
}

#[cfg(test)]
mod tests;
