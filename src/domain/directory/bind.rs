//! Binds accounts that NocoBase keeps to people. The bindings themselves are in a table that this server writes, so NocoBase
//! is not called for them.

use super::{Binding, StepError};
use crate::domain::binding::{self, BindingConflict, OpenSessions, UnclearBinding, WantedBinding};
use crate::domain::identity::Identity;
use crate::domain::sign_in_rules::{Copied, Rules};
use crate::store::{Connection, Store, StoreError, Transaction, repeated};

/// Binds an account to a person, or updates its binding.
pub async fn bind(
    store: &Store,
    authenticator: &str,
    account: i64,
    to: &Binding,
) -> Result<(), StepError> {
    let outcome = repeated(
        || attempt(store, authenticator, account, to),
        |failure| matches!(failure, StepFailure::Store(error) if error.is_overlap()),
    )
    .await;
    outcome.map_err(StepFailure::into_step_error)
}

/// The account that is bound to this person, if there is one.
pub async fn account_of(
    store: &Store,
    authenticator: &str,
    person: &Binding,
) -> Result<Option<i64>, StepError> {
    let bound = bound_account(store, authenticator, person).await;
    bound.map_err(StepFailure::into_step_error)
}

/// Removes the binding of an account, if it has one.
pub async fn unbind(store: &Store, authenticator: &str, account: i64) -> Result<(), StepError> {
    let removed = repeated(
        || attempt_to_unbind(store, authenticator, account),
        StoreError::is_overlap,
    );
    removed.await.map_err(StepError::of_store)
}

async fn attempt_to_unbind(
    store: &Store,
    authenticator: &str,
    account: i64,
) -> Result<(), StoreError> {
    let transaction = store.begin().await?;
    binding::detach(&transaction, authenticator, account, OpenSessions::Keep).await?;
    transaction.commit().await
}

impl StepError {
    /// The error of a step whose database access failed.
    pub fn of_store(error: StoreError) -> Self {
        Self::Unavailable(Box::new(error))
    }
}

/// Why a step failed within a transaction.
pub(super) enum StepFailure {
    /// The step cannot be applied; the transaction can continue.
    Step(StepError),
    /// The database failed, so the transaction has to be rolled back.
    Store(StoreError),
}

impl From<StepError> for StepFailure {
    fn from(error: StepError) -> Self {
        Self::Step(error)
    }
}

impl From<StoreError> for StepFailure {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<UnclearBinding> for StepFailure {
    fn from(error: UnclearBinding) -> Self {
        match error {
            UnclearBinding::Store(error) => Self::Store(error),
            // The binding may belong to somebody else.
            _ => Self::Step(StepError::BoundToAnother),
        }
    }
}

impl From<BindingConflict> for StepFailure {
    fn from(error: BindingConflict) -> Self {
        match error {
            BindingConflict::UnknownAccount => Self::Step(StepError::Gone),
            BindingConflict::AccountBound | BindingConflict::PersonBound(_) => {
                Self::Step(StepError::BoundToAnother)
            }
            BindingConflict::Unclear(error) => error.into(),
            BindingConflict::Store(error) => Self::Store(error),
        }
    }
}

impl StepFailure {
    fn into_step_error(self) -> StepError {
        match self {
            Self::Step(error) => error,
            Self::Store(error) => StepError::of_store(error),
        }
    }
}

async fn attempt(
    store: &Store,
    authenticator: &str,
    account: i64,
    to: &Binding,
) -> Result<(), StepFailure> {
    let transaction = store.begin_snapshot().await?;
    attach(&transaction, authenticator, account, to).await?;
    Ok(transaction.commit().await?)
}

/// Binds an account to a person, or updates its binding, within a transaction.
pub(super) async fn attach(
    store: &Transaction,
    authenticator: &str,
    account: i64,
    to: &Binding,
) -> Result<(), StepFailure> {
    let (identity, rules) = (identity_of(to), rules());
    let wanted = WantedBinding {
        authenticator,
        account,
        identity: &identity,
        rules: &rules,
        author: None,
    };
    Ok(binding::attach(store, wanted).await?)
}

/// The account that is bound to this person, if there is one, as this connection sees it.
pub(super) async fn bound_account<C: Connection>(
    store: &Store<C>,
    authenticator: &str,
    person: &Binding,
) -> Result<Option<i64>, StepFailure> {
    let bound = binding::find(store, authenticator, &identity_of(person)).await?;
    Ok(bound.map(|bound| bound.user.id))
}

/// What a step writes to a binding: everything that it says of the person.
pub(super) fn rules() -> Rules {
    Rules {
        refresh: true,
        copied: Copied {
            avatar: true,
            ..Copied::default()
        },
        ..Rules::default()
    }
}

/// The person whom a step describes.
pub(super) fn identity_of(binding: &Binding) -> Identity {
    Identity {
        key: binding.subject.clone(),
        subject: binding.subject.clone(),
        stable_id: binding.stable_id.clone(),
        name: binding.nickname.clone(),
        avatar: binding.avatar.clone(),
        phone: None,
        phone_is_unclear: false,
        email: None,
        meta: binding.meta.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::directory::tests::world::{AUTHENTICATOR, account, binding, subject_of};
    use crate::domain::test_installation::TestInstallation;

    /// How often a binding was tried by these statements.
    fn tries(statements: &[String]) -> usize {
        let is_try = |sql: &&String| sql.contains("INSERT INTO \"usersAuthenticators\"");
        statements.iter().filter(is_try).count()
    }

    #[tokio::test]
    async fn an_account_is_bound_after_another_transaction_was_in_the_way() {
        let installation = TestInstallation::new().await;
        let store = &installation.store;
        let account = account(&installation).await;
        store.hinder_bindings().await;
        let heard = store.heard();
        let person = binding("lina", "union-lina");
        let bind = bind(store, AUTHENTICATOR, account, &person);
        let done = store.amid_hindrance(bind).await;
        assert!(done.is_ok(), "{done:?}");
        assert_eq!(tries(&heard.take()), 2);
        let subject = subject_of(&installation, account).await;
        assert_eq!(subject.as_deref(), Some("lina"));
    }

    #[tokio::test]
    async fn an_account_is_unbound_after_another_transaction_was_in_the_way() {
        let installation = TestInstallation::new().await;
        let store = &installation.store;
        let account = account(&installation).await;
        let person = binding("lina", "union-lina");
        bind(store, AUTHENTICATOR, account, &person).await.unwrap();
        store.hinder_bindings().await;
        let unbinding = unbind(store, AUTHENTICATOR, account);
        store.amid_hindrance(unbinding).await.unwrap();
        assert_eq!(subject_of(&installation, account).await, None);
    }

    #[tokio::test]
    async fn an_account_that_others_kept_from_being_bound_three_times_is_left_to_a_later_run() {
        let installation = TestInstallation::new().await;
        let store = &installation.store;
        let account = account(&installation).await;
        store.hinder_bindings().await;
        let heard = store.heard();
        let person = binding("lina", "union-lina");
        let done = bind(store, AUTHENTICATOR, account, &person).await;
        assert!(matches!(done, Err(StepError::Unavailable(_))), "{done:?}");
        assert_eq!(tries(&heard.take()), 3);
        assert_eq!(subject_of(&installation, account).await, None);
    }
}
