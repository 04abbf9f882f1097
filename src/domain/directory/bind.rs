//! Binds accounts that NocoBase keeps to people. The bindings themselves are in a table that this server writes, so NocoBase
//! is not called for them.

use super::{Binding, StepError};
use crate::domain::binding::{self, Bound, UnclearBinding};
use crate::domain::identity::Identity;
use crate::domain::sign_in_rules::{Copied, Rules};
use crate::store::{Connection, Store, StoreError};

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
    let bound = bound_to(store, authenticator, &identity_of(person)).await;
    let bound = bound.map_err(Failure::into_step_error)?;
    Ok(bound.map(|bound| bound.user.id))
}

/// Removes the binding of an account, if it has one.
pub async fn unbind(store: &Store, authenticator: &str, account: i64) -> Result<(), StepError> {
    let removed = async {
        let transaction = store.begin().await?;
        transaction.remove_binding(authenticator, account).await?;
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

/// Why an account could not be bound.
enum Failure {
    BoundToAnother,
    Gone,
    Store(StoreError),
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl Failure {
    fn into_step_error(self) -> StepError {
        match self {
            Self::BoundToAnother => StepError::BoundToAnother,
            Self::Gone => StepError::Gone,
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
    let rules = Rules {
        refresh: true,
        copied: Copied {
            avatar: true,
            ..Copied::default()
        },
        ..Rules::default()
    };
    let transaction = store.begin_snapshot().await?;
    if transaction.user(account).await?.is_none() {
        return Err(Failure::Gone);
    }
    let mut bound = bound_to(&transaction, authenticator, identity).await?;
    if bound.is_none() {
        // The account may have been bound by hand a moment ago, in a way in which only its own
        // bindings show it.
        let found = binding::find_among(&transaction, authenticator, &[account], identity).await;
        bound = known(found)?;
    }
    match bound {
        Some(bound) if bound.user.id == account => {
            binding::renew(&transaction, bound.binding, identity, &rules).await?;
        }
        Some(_) => return Err(Failure::BoundToAnother),
        None => {
            let other = transaction.binding_of_user(authenticator, account).await?;
            if other.is_some() {
                return Err(Failure::BoundToAnother);
            }
            let created =
                binding::create(&transaction, authenticator, account, identity, &rules, None);
            created.await?;
        }
    }
    Ok(transaction.commit().await?)
}

async fn bound_to<C: Connection>(
    store: &Store<C>,
    authenticator: &str,
    identity: &Identity,
) -> Result<Option<Bound>, Failure> {
    known(binding::find(store, authenticator, identity).await)
}

/// The binding that was found. An error means that it may belong to somebody else.
fn known(found: Result<Option<Bound>, UnclearBinding>) -> Result<Option<Bound>, Failure> {
    found.map_err(|error| match error {
        UnclearBinding::Store(error) => Failure::Store(error),
        _ => Failure::BoundToAnother,
    })
}

fn identity_of(binding: &Binding) -> Identity {
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
