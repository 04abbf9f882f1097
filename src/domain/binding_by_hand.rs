//! Binding and unbinding the accounts of others, as an administrator.
//!
//! Whoever binds an account decides who can sign in to it. So the same accounts are protected that
//! a sign-in would not link: those of root always, and those of administrators unless the
//! administrator who binds may give such power anyway.

use super::account::Administrator;
use super::identity::Identity;
use super::repetition::repeated;
use super::role;
use super::sign_in::bound_account::{create, find};
use super::sign_in::{Rules, SignInError, roles};
use crate::store::{Store, StoreError, Transaction};

/// Why an account was not bound or unbound.
#[derive(Debug, thiserror::Error)]
pub enum HandBindingError {
    /// There is no such account.
    #[error("there is no such account")]
    UnknownAccount,
    /// The account has the root role.
    #[error("an account of root is bound by whoever holds it")]
    Root,
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
    Person(SignInError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<SignInError> for HandBindingError {
    fn from(error: SignInError) -> Self {
        match error {
            SignInError::Store(error) => error.into(),
            error => Self::Person(error),
        }
    }
}

/// The administrator who binds or unbinds.
#[derive(Clone, Copy, Debug)]
pub struct Binder {
    /// Their account, and whether it uses the root role.
    pub by: Administrator,
    /// Whether they may change the roles of accounts.
    pub may_give_power: bool,
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
    binder: Binder,
) -> Result<(), HandBindingError> {
    repeated(
        || attempt(store, wanted, binder),
        |error| matches!(error, HandBindingError::Store(error) if error.is_overlap()),
    )
    .await
}

async fn attempt(
    store: &Store,
    wanted: HandBinding<'_>,
    binder: Binder,
) -> Result<(), HandBindingError> {
    let HandBinding {
        authenticator,
        user_id,
        identity,
        rules,
    } = wanted;
    let transaction = store.begin_snapshot().await?;
    transaction.lock_user(user_id).await?;
    if transaction.user(user_id).await?.is_none() {
        return Err(HandBindingError::UnknownAccount);
    }
    refuse_power(&transaction, user_id, binder, true).await?;
    let own = transaction.binding_of_user(authenticator, user_id).await?;
    if own.is_some() {
        return Err(HandBindingError::AlreadyBound);
    }
    if let Some(bound) = find(&transaction, authenticator, identity).await? {
        return Err(HandBindingError::BoundElsewhere(bound.user.id));
    }
    let author = Some(binder.by.id);
    create(
        &transaction,
        authenticator,
        user_id,
        identity,
        rules,
        author,
    )
    .await?;
    transaction.commit().await?;
    Ok(())
}

/// Removes the binding of an account and, if wanted, ends its sessions.
pub async fn unbind(
    store: &Store,
    authenticator: &str,
    user_id: i64,
    end_sessions: bool,
    binder: Binder,
) -> Result<(), HandBindingError> {
    let transaction = store.begin().await?;
    transaction.lock_user(user_id).await?;
    refuse_power(&transaction, user_id, binder, false).await?;
    if transaction.remove_binding(authenticator, user_id).await? == 0 {
        return Err(HandBindingError::NotBound);
    }
    if end_sessions {
        transaction.end_sessions(user_id, None).await?;
    }
    transaction.commit().await?;
    Ok(())
}

/// Refuses accounts that the caller must not decide about.
async fn refuse_power(
    transaction: &Transaction,
    user_id: i64,
    binder: Binder,
    binds: bool,
) -> Result<(), HandBindingError> {
    let held = roles::of(transaction, user_id).await?;
    let is_root = held.iter().any(|held| held.name == role::ROOT);
    if is_root && (binds || !binder.by.is_root) {
        return Err(HandBindingError::Root);
    }
    if !binder.may_give_power && held.iter().any(|held| role::administers(held)) {
        return Err(HandBindingError::Administers);
    }
    if binds && held.is_empty() {
        return Err(HandBindingError::NoRole);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::account::FIRST;
    use crate::domain::test_installation::{TestInstallation, employee};
    use crate::store::NewUser;

    const AUTHENTICATOR: &str = "dingtalk";

    fn binder(is_root: bool, may_give_power: bool) -> Binder {
        let by = Administrator { id: FIRST, is_root };
        Binder { by, may_give_power }
    }

    async fn bind_to(
        store: &Store,
        user_id: i64,
        subject: &str,
        by: Binder,
    ) -> Result<(), HandBindingError> {
        let wanted = HandBinding {
            authenticator: AUTHENTICATOR,
            user_id,
            identity: &employee(subject, None),
            rules: &Rules::default(),
        };
        bind(store, wanted, by).await
    }

    #[tokio::test]
    async fn accounts_of_root_and_of_administrators_are_protected() {
        let installation = TestInstallation::new().await;
        let store = &installation.store;
        let chief = installation.account(NewUser::default()).await;
        installation.give_roles(chief.id, &["admin"]).await;
        let clerk = binder(false, false);
        let (root, powerful) = (binder(true, true), binder(false, true));

        // Nobody binds an account of root by hand, and root alone unbinds one.
        for by in [root, powerful, clerk] {
            let outcome = bind_to(store, FIRST, "wei", by).await;
            assert!(
                matches!(outcome, Err(HandBindingError::Root)),
                "{outcome:?}"
            );
        }
        for by in [powerful, clerk] {
            let outcome = unbind(store, AUTHENTICATOR, FIRST, false, by).await;
            assert!(
                matches!(outcome, Err(HandBindingError::Root)),
                "{outcome:?}"
            );
        }
        let outcome = unbind(store, AUTHENTICATOR, FIRST, false, root).await;
        assert!(
            matches!(outcome, Err(HandBindingError::NotBound)),
            "{outcome:?}"
        );

        let outcome = bind_to(store, chief.id, "wei", clerk).await;
        assert!(
            matches!(outcome, Err(HandBindingError::Administers)),
            "{outcome:?}"
        );
        bind_to(store, chief.id, "wei", powerful).await.unwrap();
        let outcome = unbind(store, AUTHENTICATOR, chief.id, false, clerk).await;
        assert!(
            matches!(outcome, Err(HandBindingError::Administers)),
            "{outcome:?}"
        );
        unbind(store, AUTHENTICATOR, chief.id, false, powerful)
            .await
            .unwrap();
    }

    #[tokio::test]
    async fn an_account_without_a_role_is_not_bound_and_can_be_unbound() {
        let installation = TestInstallation::new().await;
        let store = &installation.store;
        let lina = installation.account(NewUser::default()).await;
        let clerk = binder(false, false);
        bind_to(store, lina.id, "lina", clerk).await.unwrap();
        installation.give_roles(lina.id, &[]).await;
        unbind(store, AUTHENTICATOR, lina.id, true, clerk)
            .await
            .unwrap();
        let outcome = bind_to(store, lina.id, "lina", clerk).await;
        assert!(
            matches!(outcome, Err(HandBindingError::NoRole)),
            "{outcome:?}"
        );
    }
}
