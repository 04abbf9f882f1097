//! Binding and unbinding one's own account.
//!
//! Who binds an account signs in to it from then on, so it takes more than a session that might be
//! somebody else's by now: the password, or where there is none, that the session is young. And who
//! unbinds must not lock themselves out.

use chrono::TimeDelta;
use entity::user;

use super::identity::Identity;
use super::identity_provider::Providers;
use super::session::{Claims, SessionMark, Sessions};
use super::sign_in::bound_account::{create, find};
use super::sign_in::{Rules, SignInError};
use super::{password, plugin};
use crate::store::{Owner, Store, StoreError, Transaction};

/// How often it is tried when others are in the way.
const ATTEMPTS: usize = 3;
/// How old a session may be that stands for a password where there is none.
const YOUNG: TimeDelta = TimeDelta::minutes(10);

/// Why an account was not bound or unbound.
#[derive(Debug, thiserror::Error)]
pub enum OwnBindingError {
    /// An API key, which is no person.
    #[error("an API key binds and unbinds nobody")]
    NoSession,
    /// The password is missing.
    #[error("the password is missing")]
    NoPassword,
    /// The password is wrong.
    #[error("the password is wrong")]
    WrongPassword,
    /// The account has no password, and the session is old.
    #[error("the account has no password, and its session is older than ten minutes")]
    SessionOld,
    /// The session ended while the person was at the provider.
    #[error("the session in which it began has ended or was renewed")]
    SessionEnded,
    /// The account has a binding there.
    #[error("the account is bound there already")]
    AlreadyBound,
    /// Another account is bound to the person.
    #[error("account {0} is bound to this person")]
    BoundElsewhere(i64),
    /// The account has no binding there.
    #[error("the account is not bound there")]
    NotBound,
    /// The account could not be signed in to any more.
    #[error("it is the only way in")]
    LastWayIn,
    /// What is bound to the person is not in order.
    #[error(transparent)]
    Person(SignInError),
    /// The password could not be checked.
    #[error(transparent)]
    Hash(#[from] password::HashError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<SignInError> for OwnBindingError {
    fn from(error: SignInError) -> Self {
        match error {
            SignInError::Store(error) => error.into(),
            error => Self::Person(error),
        }
    }
}

/// Whether the account has a password that can be asked for.
pub fn has_password(user: &user::Model) -> bool {
    user.password
        .as_deref()
        .is_some_and(|hash| !hash.is_empty())
}

/// Makes sure that it is the owner of the account who asks: by the password, or where there is none,
/// by a session that began a moment ago.
pub async fn confirm(
    store: &Store,
    sessions: &Sessions,
    claims: &Claims,
    user_id: i64,
    given: Option<&str>,
) -> Result<(), OwnBindingError> {
    let age = sessions.age(claims).ok_or(OwnBindingError::NoSession)?;
    // The password in force, not one that somebody remembers.
    let user = store.user(user_id).await?;
    let user = user.ok_or(OwnBindingError::SessionEnded)?;
    if !has_password(&user) {
        return if age <= YOUNG {
            Ok(())
        } else {
            Err(OwnBindingError::SessionOld)
        };
    }
    let given = given.filter(|given| !given.is_empty());
    let given = given.ok_or(OwnBindingError::NoPassword)?;
    if password::verify(given, user.password.as_deref()).await? {
        Ok(())
    } else {
        Err(OwnBindingError::WrongPassword)
    }
}

/// Refuses to begin what could only be refused at its end.
pub async fn may_begin(
    store: &Store,
    authenticator: &str,
    user_id: i64,
) -> Result<(), OwnBindingError> {
    match store.binding_of_user(authenticator, user_id).await? {
        Some(_) => Err(OwnBindingError::AlreadyBound),
        None => Ok(()),
    }
}

/// Who binds, and to whom.
#[derive(Clone, Copy)]
pub struct OwnBinding<'a> {
    /// Name of the authenticator.
    pub authenticator: &'a str,
    /// The session of the account.
    pub session: &'a SessionMark,
    /// The person, who proved to the provider who they are.
    pub identity: &'a Identity,
    /// What the authenticator copies.
    pub rules: &'a Rules,
}

/// Binds the account of a session to a person.
pub async fn bind(
    store: &Store,
    sessions: &Sessions,
    wanted: OwnBinding<'_>,
) -> Result<(), OwnBindingError> {
    // Somebody may bind the person between our looking and our writing, on a database that lets
    // transactions overlap. The next attempt sees what they did.
    for _ in 1..ATTEMPTS {
        match attempt(store, sessions, wanted).await {
            Err(OwnBindingError::Store(error)) if error.is_overlap() => {}
            outcome => return outcome,
        }
    }
    attempt(store, sessions, wanted).await
}

async fn attempt(
    store: &Store,
    sessions: &Sessions,
    wanted: OwnBinding<'_>,
) -> Result<(), OwnBindingError> {
    let OwnBinding {
        authenticator,
        session,
        identity,
        rules,
    } = wanted;
    let policy = sessions.policy(store).await?;
    let user_id = session.user_id;
    // One moment for all of it, as at a sign-in: somebody may bind the person meanwhile.
    let transaction = store.begin_snapshot().await?;
    transaction.lock_user(user_id).await?;
    if !sessions.stands(&transaction, session, &policy).await? {
        return Err(OwnBindingError::SessionEnded);
    }
    let own = transaction.binding_of_user(authenticator, user_id).await?;
    if own.is_some() {
        return Err(OwnBindingError::AlreadyBound);
    }
    if let Some(bound) = find(&transaction, authenticator, identity).await? {
        return Err(OwnBindingError::BoundElsewhere(bound.user.id));
    }
    create(&transaction, authenticator, user_id, identity, rules).await?;
    transaction.commit().await?;
    Ok(())
}

/// Removes the binding of one's own account, if another way in stays.
pub async fn unbind(
    store: &Store,
    providers: &Providers,
    authenticator: &str,
    user_id: i64,
) -> Result<(), OwnBindingError> {
    let transaction = store.begin().await?;
    // Of two bindings that go at the same time, the second to go is the last.
    transaction.lock_user(user_id).await?;
    if transaction.remove_binding(authenticator, user_id).await? == 0 {
        return Err(OwnBindingError::NotBound);
    }
    if !has_way_in(&transaction, providers, user_id).await? {
        return Err(OwnBindingError::LastWayIn);
    }
    transaction.commit().await?;
    Ok(())
}

/// Whether somebody can sign in to an account by a password or a binding that is there.
async fn has_way_in(
    transaction: &Transaction,
    providers: &Providers,
    user_id: i64,
) -> Result<bool, StoreError> {
    let Some(user) = transaction.user(user_id).await? else {
        return Ok(false);
    };
    let names = [user.username.as_deref(), user.email.as_deref()];
    let is_named = names.iter().flatten().any(|name| !name.is_empty());
    let by_password = has_password(&user) && is_named;
    // The authenticators of this moment, and the plugin's switch with them.
    let plugin_is_on = match transaction.owner() {
        Owner::Us => plugin::own_is_among(&transaction.enabled_plugins().await?),
        Owner::NocoBase => {
            let own = &plugin::manifest().alias;
            transaction.is_switched_on(own).await?
        }
    };
    for row in transaction.enabled_authenticators().await? {
        if row.auth_type == password::AUTH_TYPE && by_password {
            return Ok(true);
        }
        let by_provider = plugin_is_on && providers.has_type(&row.auth_type);
        if by_provider
            && transaction
                .binding_of_user(&row.name, user_id)
                .await?
                .is_some()
        {
            return Ok(true);
        }
    }
    Ok(false)
}

#[cfg(test)]
mod tests;
