//! Finding the account of a person whom a provider has identified.
//!
//! If the person is bound to an account, it is that one. Otherwise, if exactly one account has the
//! phone number that the organization has for the person, it is bound to them. Otherwise, if the
//! authenticator allows it, an account is created. In all other cases, and when the account has no
//! role, the sign-in is refused. All of this is one transaction; if one person signs in for the
//! first time twice at once, the second sign-in finds the account of the first.

mod account_profile;
mod error;
mod roles;
mod similar_accounts;

pub use super::sign_in_rules::{Copied, Rules};
pub use error::SignInError;

use entity::user;

use super::authenticator;
use super::binding::{self, WantedBinding};
use super::identity::{self, Identity};
use super::identity_provider::Providers;
use super::{password, role};
use crate::store::{NewUser, Owner, Store, StoreError, Transaction, repeated};

/// The account of a person who signs in.
#[derive(Clone, Debug)]
pub struct SignInOutcome {
    /// The account.
    pub user: user::Model,
    /// Where it comes from.
    pub source: AccountSource,
}

/// Where the account of somebody who signs in comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccountSource {
    /// The account was already bound to the person.
    Binding,
    /// The account existed, and was bound to the person now.
    Linking,
    /// The account was created for the person.
    SignUp,
}

/// Finds, links or creates the account of a person.
pub async fn account_of(
    store: &Store,
    authenticator: &str,
    identity: &Identity,
    rules: &Rules,
) -> Result<SignInOutcome, SignInError> {
    repeated(
        || attempt(store, authenticator, identity, rules),
        |error| matches!(error, SignInError::Store(error) if error.is_overlap()),
    )
    .await
}

/// The name under which the session of a sign-in at this authenticator is stored. Behind a gateway
/// it must be an authenticator that NocoBase knows, because NocoBase refuses sessions of all
/// others.
pub async fn session_authenticator(
    store: &Store,
    providers: &Providers,
    authenticator: &str,
) -> Result<String, StoreError> {
    if store.owner() == Owner::Us {
        return Ok(authenticator.to_owned());
    }
    let mut known = store.enabled_authenticators().await?;
    known.retain(|row| !providers.has_type(&row.auth_type));
    // Authenticators with passwords come first, because NocoBase itself uses the first of them for
    // an unknown name.
    known.sort_by_key(|row| (row.auth_type != password::AUTH_TYPE, row.id));
    let first = known.into_iter().next().map(|row| row.name);
    Ok(first.unwrap_or_else(|| NOCOBASE_DEFAULT.to_owned()))
}

/// The authenticator that NocoBase 2.2.15 uses when a request names none.
const NOCOBASE_DEFAULT: &str = "basic";

async fn attempt(
    store: &Store,
    authenticator: &str,
    identity: &Identity,
    rules: &Rules,
) -> Result<SignInOutcome, SignInError> {
    let signed_in = |user, source| Ok(SignInOutcome { user, source });
    match binding::find(store, authenticator, identity).await? {
        // The usual case writes nothing.
        Some(bound) if !rules.refresh && binding::is_current(&bound.binding, identity) => {
            roles::refuse_without(store, bound.user.id).await?;
            return signed_in(bound.user, AccountSource::Binding);
        }
        None if store.owner() == Owner::NocoBase => {
            authenticator::finish_rename_to(store, authenticator).await?;
        }
        _ => {}
    }
    store.copy_new_accounts().await?;
    // All tables are read as of one moment: an account that is bound in between would seem free in
    // one table and taken in the other.
    let transaction = store.begin_snapshot().await?;
    let mut candidates = Candidates::default();
    let mut bound = binding::find(&transaction, authenticator, identity).await?;
    if bound.is_none() {
        candidates = Candidates::of(&transaction, identity, rules).await?;
        let ids = &candidates.ids;
        bound = binding::find_among(&transaction, authenticator, ids, identity).await?;
    }
    if let Some(bound) = bound {
        roles::refuse_without(&transaction, bound.user.id).await?;
        binding::renew_found(&transaction, &bound.binding, identity, rules).await?;
        let user = if rules.refresh {
            account_profile::refresh(&transaction, bound.user, identity, rules.copied).await?
        } else {
            bound.user
        };
        transaction.commit().await?;
        return signed_in(user, AccountSource::Binding);
    }
    let Candidates { ids, similar } = candidates;
    let linkable = linkable_account(&transaction, authenticator, &ids, identity, rules);
    let (user, source) = match linkable.await? {
        Some(user) => {
            log::info!("linking account {} by what the organization knows", user.id);
            (user, AccountSource::Linking)
        }
        None if rules.sign_up => {
            let user = sign_up(&transaction, identity, rules).await?;
            log::info!("signed up account {}", user.id);
            (user, AccountSource::SignUp)
        }
        None => {
            similar_accounts::report(identity, &similar, None);
            return Err(SignInError::UserNotFound);
        }
    };
    let wanted = WantedBinding {
        authenticator,
        account: user.id,
        identity,
        rules,
        author: None,
    };
    binding::create(&transaction, wanted).await?;
    transaction.commit().await?;
    if source == AccountSource::SignUp {
        similar_accounts::report(identity, &similar, Some(user.id));
    }
    signed_in(user, source)
}

/// Accounts whose phone number or e-mail address the organization knows to be this person's.
#[derive(Default)]
struct Candidates {
    /// Accounts with the phone number or e-mail address.
    ids: Vec<i64>,
    /// Accounts with a similar phone number.
    similar: Vec<i64>,
}

impl Candidates {
    async fn of(
        store: &Transaction,
        identity: &Identity,
        rules: &Rules,
    ) -> Result<Self, StoreError> {
        let mut found = Self::default();
        if let Some(phone) = identity.phone.as_ref().filter(|_| rules.link_by_phone) {
            let holders = store.users_by_phone(phone).await?;
            found.ids = holders.same;
            found.similar = holders.similar;
        }
        if let Some(email) = identity.email.as_deref()
            && rules.links_email(email)
        {
            found.ids.extend(store.users_by_email(email).await?);
        }
        found.ids.sort_unstable();
        found.ids.dedup();
        Ok(found)
    }
}

/// The account to link to a person without one, if one of these may be linked.
async fn linkable_account(
    store: &Transaction,
    authenticator: &str,
    found: &[i64],
    identity: &Identity,
    rules: &Rules,
) -> Result<Option<user::Model>, SignInError> {
    let id = match found {
        [] => return Ok(None),
        [id] => *id,
        several => return Err(SignInError::Ambiguous(several.to_vec())),
    };
    let held = role::of_account(store, id).await?;
    if held.iter().any(|held| held.name == role::ROOT) {
        return Err(SignInError::RootNotLinked(id));
    }
    if !rules.link_administrators && held.iter().any(|held| role::administers(held)) {
        return Err(SignInError::AdministratorNotLinked(id));
    }
    let is_bound = store.binding_of_user(authenticator, id).await?.is_some();
    if is_bound || is_managed_for_another(store, id, identity).await? {
        return Err(SignInError::BoundToAnother(id));
    }
    // Roles of departments do not count here, as they do not where the directory links: somebody who
    // has left may still be in a department.
    if store.roles_of(id).await?.is_empty() {
        return Err(SignInError::NoRole(id));
    }
    Ok(store.user(id).await?)
}

/// Whether the directory has recorded the account for another person, who may have left.
async fn is_managed_for_another(
    store: &Transaction,
    id: i64,
    identity: &Identity,
) -> Result<bool, StoreError> {
    let stable_id = identity.stable_id.as_ref();
    let is_theirs = |recorded: &str| {
        identity::names(&identity.subject, Some(&identity.meta), recorded)
            || stable_id.is_some_and(|stable_id| stable_id.value == recorded)
    };
    let rows = store.mirrored_accounts(&[id]).await?;
    Ok(rows.iter().any(|row| !is_theirs(&row.stable_id)))
}

/// Creates an account with the organization's data, except values that another account has.
async fn sign_up(
    store: &Transaction,
    identity: &Identity,
    rules: &Rules,
) -> Result<user::Model, SignInError> {
    let values = account_profile::values(store, identity, rules.copied, None).await?;
    let user = store
        .create_user(NewUser {
            nickname: values.nickname,
            phone: values.phone,
            email: values.email,
            ..NewUser::default()
        })
        .await?;
    // Nobody becomes root by signing up, whatever the options say.
    let given: Vec<_> = rules
        .roles
        .iter()
        .filter(|name| *name != role::ROOT)
        .cloned()
        .collect();
    if !store.existing_roles(&given).await?.is_empty() {
        store.set_roles(user.id, &given).await?;
    }
    if role::of_account(store, user.id).await?.is_empty() {
        return Err(SignInError::NoRoleForNewAccounts);
    }
    Ok(user)
}

#[cfg(test)]
mod tests;
