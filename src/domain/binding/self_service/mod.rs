//! Binding and unbinding one's own account.
//!
//! The bound person can sign in to the account from then on. A session is not enough for that,
//! because somebody else could be using it: the password is required as well or, for an account
//! without one, a session that has just begun. And unbinding must not lock people out of their own
//! account.

use chrono::TimeDelta;
use entity::user;

use super::{BindingConflict, OpenSessions, UnclearBinding, WantedBinding, attach_new, detach};
use crate::domain::identity::Identity;
use crate::domain::identity_provider::Providers;
use crate::domain::session::{Claims, SessionMark, Sessions};
use crate::domain::sign_in_rules::Rules;
use crate::domain::{password, plugin};
use crate::store::{Owner, Store, StoreError, Transaction, repeated};

/// How old a session may be to replace the password of an account that has none.
const YOUNG: TimeDelta = TimeDelta::minutes(10);

/// Why an account was not bound or unbound.
#[derive(Debug, thiserror::Error)]
pub enum SelfServiceError {
    /// The caller uses an API key, which belongs to no person.
    #[error("an API key binds and unbinds nobody")]
    NoSession,
    /// The password is missing.
    #[error("the password is missing")]
    NoPassword,
    /// The password is wrong.
    #[error("the password is wrong")]
    WrongPassword,
    /// The account has no password, and the session is too old.
    #[error("the account has no password, and its session is older than ten minutes")]
    SessionOld,
    /// The session ended while the person was at the provider.
    #[error("the session in which it began has ended or was renewed")]
    SessionEnded,
    /// The account already has a binding at this authenticator.
    #[error("the account is bound there already")]
    AlreadyBound,
    /// Another account is already bound to the person.
    #[error("account {0} is bound to this person")]
    BoundElsewhere(i64),
    /// The account has no binding at this authenticator.
    #[error("the account is not bound there")]
    NotBound,
    /// Nobody could sign in to the account any more.
    #[error("it is the only way in")]
    LastWayIn,
    /// The existing bindings of the person are inconsistent.
    #[error(transparent)]
    Person(UnclearBinding),
    /// The password could not be checked.
    #[error(transparent)]
    Hash(#[from] password::HashError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl SelfServiceError {
    /// Whether another transaction was in the way, so that a second attempt may succeed.
    pub fn is_overlap(&self) -> bool {
        matches!(self, Self::Store(error) if error.is_overlap())
    }
}

impl From<BindingConflict> for SelfServiceError {
    fn from(error: BindingConflict) -> Self {
        match error {
            // The session of an account that is gone has ended.
            BindingConflict::UnknownAccount => Self::SessionEnded,
            BindingConflict::AccountBound => Self::AlreadyBound,
            BindingConflict::PersonBound(id) => Self::BoundElsewhere(id),
            BindingConflict::Unclear(error) => Self::Person(error),
            BindingConflict::Store(error) => error.into(),
        }
    }
}

/// Whether the account has a password that can be asked for.
pub fn has_password(user: &user::Model) -> bool {
    user.password
        .as_deref()
        .is_some_and(|hash| !hash.is_empty())
}

/// Confirms that the caller is the owner of the account: by the password or, for an account without
/// one, by a session that has just begun.
pub async fn confirm(
    store: &Store,
    sessions: &Sessions,
    claims: &Claims,
    user_id: i64,
    given: Option<&str>,
) -> Result<(), SelfServiceError> {
    let age = sessions.age(claims).ok_or(SelfServiceError::NoSession)?;
    // The password is read from the database, because a cached one may be out of date.
    let user = store.user(user_id).await?;
    let user = user.ok_or(SelfServiceError::SessionEnded)?;
    if !has_password(&user) {
        return if age <= YOUNG {
            Ok(())
        } else {
            Err(SelfServiceError::SessionOld)
        };
    }
    let given = given.filter(|given| !given.is_empty());
    let given = given.ok_or(SelfServiceError::NoPassword)?;
    if password::verify(given, user.password.as_deref()).await? {
        Ok(())
    } else {
        Err(SelfServiceError::WrongPassword)
    }
}

/// Refuses an attempt that would only be refused at its end.
pub async fn may_begin(
    store: &Store,
    authenticator: &str,
    user_id: i64,
) -> Result<(), SelfServiceError> {
    match store.binding_of_user(authenticator, user_id).await? {
        Some(_) => Err(SelfServiceError::AlreadyBound),
        None => Ok(()),
    }
}

/// The binding to create.
#[derive(Clone, Copy)]
pub struct SelfServiceBinding<'a> {
    /// Name of the authenticator.
    pub authenticator: &'a str,
    /// The session whose account is to be bound.
    pub session: &'a SessionMark,
    /// The person, as the provider identified them.
    pub identity: &'a Identity,
    /// Which values of the person the authenticator copies.
    pub rules: &'a Rules,
}

/// Binds the account of a session to a person.
pub async fn bind(
    store: &Store,
    sessions: &Sessions,
    wanted: SelfServiceBinding<'_>,
) -> Result<(), SelfServiceError> {
    repeated(
        || attempt(store, sessions, wanted),
        SelfServiceError::is_overlap,
    )
    .await
}

async fn attempt(
    store: &Store,
    sessions: &Sessions,
    wanted: SelfServiceBinding<'_>,
) -> Result<(), SelfServiceError> {
    let SelfServiceBinding {
        authenticator,
        session,
        identity,
        rules,
    } = wanted;
    let policy = sessions.policy(store).await?;
    let user_id = session.user_id;
    // All tables are read as of one moment, as at a sign-in, because the person may be bound by
    // another transaction in between.
    let transaction = store.begin_snapshot().await?;
    transaction.lock_user(user_id).await?;
    if !sessions.stands(&transaction, session, &policy).await? {
        return Err(SelfServiceError::SessionEnded);
    }
    let wanted = WantedBinding {
        authenticator,
        account: user_id,
        identity,
        rules,
        author: None,
    };
    attach_new(&transaction, wanted).await?;
    Ok(transaction.commit().await?)
}

/// Removes the binding of the caller's account, if they can still sign in another way.
pub async fn unbind(
    store: &Store,
    providers: &Providers,
    authenticator: &str,
    user_id: i64,
) -> Result<(), SelfServiceError> {
    repeated(
        || attempt_to_unbind(store, providers, authenticator, user_id),
        SelfServiceError::is_overlap,
    )
    .await
}

async fn attempt_to_unbind(
    store: &Store,
    providers: &Providers,
    authenticator: &str,
    user_id: i64,
) -> Result<(), SelfServiceError> {
    let transaction = store.begin().await?;
    // This locks the account, so two simultaneous removals wait for each other, and the second one
    // is recognised as the last.
    if !detach(&transaction, authenticator, user_id, OpenSessions::Keep).await? {
        return Err(SelfServiceError::NotBound);
    }
    if !has_way_in(&transaction, providers, user_id).await? {
        return Err(SelfServiceError::LastWayIn);
    }
    transaction.commit().await?;
    Ok(())
}

/// Whether somebody can sign in to an account with a password or an existing binding.
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
    // Authenticators and the plugin's switch are read in the same transaction.
    let plugin_is_on = match transaction.owner() {
        Owner::Us => plugin::this_plugin_is_among(&transaction.enabled_plugins().await?),
        Owner::NocoBase => {
            let alias = &plugin::manifest().alias;
            transaction.is_switched_on(alias).await?
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
