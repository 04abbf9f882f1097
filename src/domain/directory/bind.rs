//! Binds accounts that NocoBase keeps to people. The bindings themselves are in a table that this server writes, so NocoBase
//! is not called for them.

use super::{Binding, StepError};
use crate::domain::binding::{self, BindingConflict, OpenSessions, UnclearBinding, WantedBinding};
use crate::domain::identity::Identity;
use crate::domain::sign_in_rules::{Copied, Rules};
use crate::store::{Store, StoreError};

/// How often the transaction is attempted when others overlap with it.
const ATTEMPTS: usize = 3;

/// Binds an account to a person, or updates its binding.
pub async fn bind(
    store: &Store,
    authenticator: &str,
    account: i64,
    to: &Binding,
) -> Result<(), StepError> {
    let identity = identity_of(to);
    // On databases with overlapping transactions, the next attempt sees what others have changed.
    for _ in 1..ATTEMPTS {
        match attempt(store, authenticator, account, &identity).await {
            Err(Failure::Store(error)) if error.is_overlap() => {}
            outcome => return outcome.map_err(Failure::into_step_error),
        }
    }
    let outcome = attempt(store, authenticator, account, &identity).await;
    outcome.map_err(Failure::into_step_error)
}

/// The account that is bound to this person, if there is one.
pub async fn account_of(
    store: &Store,
    authenticator: &str,
    person: &Binding,
) -> Result<Option<i64>, StepError> {
    let bound = binding::find(store, authenticator, &identity_of(person)).await;
    let bound = bound.map_err(|error| Failure::from(error).into_step_error())?;
    Ok(bound.map(|bound| bound.user.id))
}

/// Removes the binding of an account, if it has one.
pub async fn unbind(store: &Store, authenticator: &str, account: i64) -> Result<(), StepError> {
    let removed = async {
        let transaction = store.begin().await?;
        binding::detach(&transaction, authenticator, account, OpenSessions::Keep).await?;
        transaction.commit().await
    };
    removed.await.map_err(StepError::of_store)
}

impl StepError {
    /// The error of a step whose database access failed.
    pub fn of_store(error: StoreError) -> Self {
        Self::Unavailable(Box::new(error))
    }
}

/// Why a step failed within a transaction.
pub(super) enum Failure {
    /// The step cannot be applied; the transaction can continue.
    Step(StepError),
    /// The database failed, so the transaction has to be rolled back.
    Store(StoreError),
}

impl From<StepError> for Failure {
    fn from(error: StepError) -> Self {
        Self::Step(error)
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<UnclearBinding> for Failure {
    fn from(error: UnclearBinding) -> Self {
        match error {
            UnclearBinding::Store(error) => Self::Store(error),
            // The binding may belong to somebody else.
            _ => Self::Step(StepError::BoundToAnother),
        }
    }
}

impl From<BindingConflict> for Failure {
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

impl Failure {
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
    identity: &Identity,
) -> Result<(), Failure> {
    let transaction = store.begin_snapshot().await?;
    let rules = rules();
    let wanted = WantedBinding {
        authenticator,
        account,
        identity,
        rules: &rules,
        author: None,
    };
    binding::attach(&transaction, wanted).await?;
    Ok(transaction.commit().await?)
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
