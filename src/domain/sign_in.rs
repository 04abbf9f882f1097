//! Which account somebody gets who proved to a provider who they are.
//!
//! Bound: that account. Not bound, and exactly one account has the organisation's phone number of
//! the person: bind it. Nobody, and the authenticator signs people up: create an account. Else:
//! refused. All of it in one transaction; of two first sign-ins of one person at the same time the
//! second finds what the first did.

use entity::user;

use super::identity::Identity;
use super::phone::Phone;
use super::role;
use crate::store::{Connection, NewUser, Store, StoreError, Transaction};

/// How often it is tried when others are in the way.
const ATTEMPTS: usize = 3;
/// Characters of NocoBase's strings. Database servers refuse longer ones.
const STRING_CHARACTERS: usize = 255;

/// What an authenticator allows somebody who is not bound yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// Give them the existing account with the same phone number.
    pub link_by_phone: bool,
    /// Give them a new account.
    pub sign_up: bool,
}

/// Why somebody gets no account.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// No account is bound or found, and none may be created.
    #[error(
        "no account is bound to this person, none has their phone number, and the authenticator does not sign people up"
    )]
    UserNotFound,
    /// Several accounts have the phone number.
    #[error(
        "several accounts have this person's phone number: {0:?}; remove it from all but one, or bind one by hand"
    )]
    Ambiguous(Vec<i64>),
    /// The account that would be linked may not be.
    #[error(
        "account {0} has this person's phone number and the root role; the root account is not linked automatically, bind it by hand"
    )]
    RootNotLinked(i64),
    /// The account that would be linked belongs to another person.
    #[error("account {0} has this person's phone number but is bound to somebody else")]
    BoundToAnother(i64),
    /// The subject is bound, but to a different person than the one who came.
    #[error(
        "account {0} is bound to this identifier, which now belongs to another person; remove the binding if that is right"
    )]
    Reissued(i64),
    /// The subject is bound to several accounts.
    #[error("this identifier is bound to several accounts: {0:?}; remove all but one binding")]
    BoundSeveralTimes(Vec<i64>),
    /// The bound account is gone.
    #[error("account {0} is bound to this person but does not exist; remove the binding")]
    AccountMissing(i64),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Finds, links or creates the account of a person.
pub async fn account_of(
    store: &Store,
    authenticator: &str,
    identity: &Identity,
    rules: Rules,
) -> Result<user::Model, SignInError> {
    // Somebody may bind the same subject or account between our looking and our writing, on a
    // database that lets transactions overlap. The next attempt sees what they did.
    for _ in 1..ATTEMPTS {
        match attempt(store, authenticator, identity, rules).await {
            Err(SignInError::Store(StoreError::Conflict(_) | StoreError::Busy(_))) => {}
            outcome => return outcome,
        }
    }
    attempt(store, authenticator, identity, rules).await
}

async fn attempt(
    store: &Store,
    authenticator: &str,
    identity: &Identity,
    rules: Rules,
) -> Result<user::Model, SignInError> {
    if let Some(user) = bound_account(store, authenticator, identity).await? {
        return Ok(user);
    }
    // One moment for all of it: an account that somebody binds while we look would seem free in one
    // table and taken in the other.
    let transaction = store.begin_snapshot().await?;
    if let Some(user) = bound_account(&transaction, authenticator, identity).await? {
        return Ok(user);
    }
    let user = match linkable_account(&transaction, authenticator, identity, rules).await? {
        Some(user) => {
            log::info!(
                "linking account {} by the organisation's phone number",
                user.id
            );
            user
        }
        None if rules.sign_up => {
            let user = sign_up(&transaction, identity).await?;
            log::info!("signed up account {}", user.id);
            user
        }
        None => return Err(SignInError::UserNotFound),
    };
    // Half an address is worse than none.
    let avatar = identity.avatar.as_deref().filter(|avatar| fits(avatar));
    transaction
        .bind(
            authenticator,
            &identity.subject,
            user.id,
            &shortened(&identity.name),
            avatar.unwrap_or_default(),
            identity.meta.clone(),
        )
        .await?;
    transaction.commit().await?;
    Ok(user)
}

async fn bound_account<C: Connection>(
    store: &Store<C>,
    authenticator: &str,
    identity: &Identity,
) -> Result<Option<user::Model>, SignInError> {
    let bindings = store
        .bindings_of_subject(authenticator, &identity.subject)
        .await?;
    let binding = match bindings.as_slice() {
        [] => return Ok(None),
        [binding] => binding,
        several => {
            let users = several.iter().map(|binding| binding.user_id).collect();
            return Err(SignInError::BoundSeveralTimes(users));
        }
    };
    let witness = identity.witness.as_ref();
    if witness.is_some_and(|witness| witness.contradicts(binding.meta.as_ref())) {
        return Err(SignInError::Reissued(binding.user_id));
    }
    let user = store.user(binding.user_id).await?;
    user.map(Some)
        .ok_or(SignInError::AccountMissing(binding.user_id))
}

async fn linkable_account(
    store: &Transaction,
    authenticator: &str,
    identity: &Identity,
    rules: Rules,
) -> Result<Option<user::Model>, SignInError> {
    let Some(phone) = identity.phone.as_ref().filter(|_| rules.link_by_phone) else {
        return Ok(None);
    };
    let id = match accounts_with_phone(store, phone).await?.as_slice() {
        [] => return Ok(None),
        [id] => *id,
        several => return Err(SignInError::Ambiguous(several.to_vec())),
    };
    if store
        .roles_of(id)
        .await?
        .iter()
        .any(|(held, _)| held.name == role::ROOT)
    {
        return Err(SignInError::RootNotLinked(id));
    }
    if store.binding_of_user(authenticator, id).await?.is_some() {
        return Err(SignInError::BoundToAnother(id));
    }
    Ok(store.user(id).await?)
}

async fn accounts_with_phone(store: &Transaction, phone: &Phone) -> Result<Vec<i64>, StoreError> {
    let candidates = store.users_by_phone_digits(phone.last_digits()).await?;
    let same = |text: &str| Phone::of_account(text).as_ref() == Some(phone);
    Ok(candidates
        .into_iter()
        .filter(|(_, text)| same(text))
        .map(|(id, _)| id)
        .collect())
}

/// A new account with what the organisation knows, as far as no other account has it.
async fn sign_up(store: &Transaction, identity: &Identity) -> Result<user::Model, StoreError> {
    let phone = match &identity.phone {
        Some(phone) if accounts_with_phone(store, phone).await?.is_empty() => {
            Some(phone.local().to_owned())
        }
        _ => None,
    };
    let email = match &identity.email {
        Some(email) if fits(email) && !store.is_account_taken(email).await? => Some(email.clone()),
        _ => None,
    };
    let user = NewUser {
        nickname: Some(shortened(&identity.name)),
        phone,
        email,
        ..NewUser::default()
    };
    store.create_user(user).await
}

fn fits(text: &str) -> bool {
    text.chars().count() <= STRING_CHARACTERS && !text.contains('\0')
}

fn shortened(text: &str) -> String {
    let storable = text.chars().filter(|&character| character != '\0');
    storable.take(STRING_CHARACTERS).collect()
}
