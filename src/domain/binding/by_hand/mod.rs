//! Binding and unbinding the accounts of others, as an administrator.
//!
//! Whoever binds an account decides who can sign in to it. So the same accounts are protected that
//! a sign-in would not link: those of root always, and those of administrators unless the
//! administrator who binds may give such power anyway.

use super::{BindingConflict, OpenSessions, UnclearBinding, WantedBinding, attach_new, detach};
use crate::domain::account::Administrator;
use crate::domain::identity::Identity;
use crate::domain::role;
use crate::domain::sign_in_rules::Rules;
use crate::store::{Store, StoreError, Transaction, repeated};

/// Why an account was not bound or unbound.
#[derive(Debug, thiserror::Error)]
pub enum HandBindingError {
    /// There is no such account.
    #[error("there is no such account")]
    UnknownAccount,
    /// The account has the root role, so nobody else binds it.
    #[error("an account of root is bound by whoever holds it")]
    Root,
    /// The binding is that of an account with the root role, and the caller has not got this role.
    #[error("root alone removes the binding of an account of root")]
    BindingOfRoot,
    /// The account is an administrator's, and the caller may not give that power.
    #[error("only who may change roles binds and unbinds administrators")]
    Administers,
    /// The account has no role.
    #[error("the account has no role")]
    NoRole,
    /// The account already has a binding at this authenticator.
    #[error("the account is bound there already")]
    AlreadyBound,
    /// Another account is already bound to the person.
    #[error("account {0} is bound to this person")]
    BoundElsewhere(i64),
    /// The account has no binding at this authenticator.
    #[error("the account is not bound there")]
    NotBound,
    /// The existing bindings of the person are inconsistent.
    #[error(transparent)]
    Person(UnclearBinding),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl HandBindingError {
    /// Whether another transaction was in the way, so that a second attempt may succeed.
    pub fn is_overlap(&self) -> bool {
        matches!(self, Self::Store(error) if error.is_overlap())
    }
}

impl From<BindingConflict> for HandBindingError {
    fn from(error: BindingConflict) -> Self {
        match error {
            BindingConflict::UnknownAccount => Self::UnknownAccount,
            BindingConflict::AccountBound => Self::AlreadyBound,
            BindingConflict::PersonBound(id) => Self::BoundElsewhere(id),
            BindingConflict::Unclear(error) => Self::Person(error),
            BindingConflict::Store(error) => error.into(),
        }
    }
}

/// The binding to create.
#[derive(Clone, Copy, Debug)]
pub struct HandBinding<'a> {
    /// Name of the authenticator.
    pub authenticator: &'a str,
    /// The account.
    pub user_id: i64,
    /// The person, from the organization's data.
    pub identity: &'a Identity,
    /// Which values of the person the authenticator copies.
    pub rules: &'a Rules,
}

/// Binds an account to a person.
pub async fn bind(
    store: &Store,
    wanted: HandBinding<'_>,
    by: Administrator,
) -> Result<(), HandBindingError> {
    repeated(|| attempt(store, wanted, by), HandBindingError::is_overlap).await
}

async fn attempt(
    store: &Store,
    wanted: HandBinding<'_>,
    by: Administrator,
) -> Result<(), HandBindingError> {
    let HandBinding {
        authenticator,
        user_id,
        identity,
        rules,
    } = wanted;
    let transaction = store.begin_snapshot().await?;
    if transaction.lock_user(user_id).await?.is_none() {
        return Err(HandBindingError::UnknownAccount);
    }
    refuse_power(&transaction, user_id, by, true).await?;
    let wanted = WantedBinding {
        authenticator,
        account: user_id,
        identity,
        rules,
        author: Some(by.id),
    };
    attach_new(&transaction, wanted).await?;
    Ok(transaction.commit().await?)
}

/// Removes the binding of an account.
pub async fn unbind(
    store: &Store,
    authenticator: &str,
    user_id: i64,
    sessions: OpenSessions,
    by: Administrator,
) -> Result<(), HandBindingError> {
    let unbound = unbind_each(store, authenticator, &[user_id], sessions, by).await?;
    if unbound.is_empty() {
        return Err(HandBindingError::NotBound);
    }
    Ok(())
}

/// Removes the bindings of accounts at an authenticator, all or none. Returns the accounts that had
/// one, in order.
pub async fn unbind_all(
    store: &Store,
    authenticator: &str,
    user_ids: &[i64],
    by: Administrator,
) -> Result<Vec<i64>, HandBindingError> {
    // Accounts are locked in the order of their ids, so two removals do not wait for each other.
    let mut ids = user_ids.to_vec();
    ids.sort_unstable();
    unbind_each(store, authenticator, &ids, OpenSessions::Keep, by).await
}

/// Removes the bindings of accounts in this order, all or none. Returns the accounts that had one.
async fn unbind_each(
    store: &Store,
    authenticator: &str,
    user_ids: &[i64],
    sessions: OpenSessions,
    by: Administrator,
) -> Result<Vec<i64>, HandBindingError> {
    repeated(
        || attempt_to_unbind(store, authenticator, user_ids, sessions, by),
        HandBindingError::is_overlap,
    )
    .await
}

async fn attempt_to_unbind(
    store: &Store,
    authenticator: &str,
    user_ids: &[i64],
    sessions: OpenSessions,
    by: Administrator,
) -> Result<Vec<i64>, HandBindingError> {
    let transaction = store.begin().await?;
    let mut unbound = Vec::new();
    for id in user_ids {
        if unbind_one(&transaction, authenticator, *id, sessions, by).await? {
            unbound.push(*id);
        }
    }
    transaction.commit().await?;
    Ok(unbound)
}

/// Removes the binding of an account. Returns whether there was one.
async fn unbind_one(
    transaction: &Transaction,
    authenticator: &str,
    user_id: i64,
    sessions: OpenSessions,
    by: Administrator,
) -> Result<bool, HandBindingError> {
    transaction.lock_user(user_id).await?;
    refuse_power(transaction, user_id, by, false).await?;
    Ok(detach(transaction, authenticator, user_id, sessions).await?)
}

/// Refuses accounts that the caller must not decide about.
async fn refuse_power(
    transaction: &Transaction,
    user_id: i64,
    by: Administrator,
    binds: bool,
) -> Result<(), HandBindingError> {
    let held = role::of_account(transaction, user_id).await?;
    let is_root = held.iter().any(|held| held.name == role::ROOT);
    if is_root && binds {
        return Err(HandBindingError::Root);
    }
    if is_root && !by.is_root {
        return Err(HandBindingError::BindingOfRoot);
    }
    if !by.may_give_power && held.iter().any(|held| role::administers(held)) {
        return Err(HandBindingError::Administers);
    }
    if binds && held.is_empty() {
        return Err(HandBindingError::NoRole);
    }
    Ok(())
}

#[cfg(test)]
mod tests;
