//! Binding an account to a person, and ending that.

use entity::user_authenticator::Model;
use serde_json::{Map, Value};

use super::person::{UnclearBinding, find, is_of};
use crate::domain::identity::Identity;
use crate::domain::sign_in_rules::Rules;
use crate::store::{NewBinding, StoreError, Transaction, fits_string_column, shortened};

/// A binding that is wanted.
#[derive(Clone, Copy, Debug)]
pub struct WantedBinding<'a> {
    /// Name of the authenticator.
    pub authenticator: &'a str,
    /// The account.
    pub account: i64,
    /// The person.
    pub identity: &'a Identity,
    /// Which values of the person the binding gets.
    pub rules: &'a Rules,
    /// The account of the administrator who binds; none when nobody binds somebody else.
    pub author: Option<i64>,
}

/// Why an account was not bound to a person.
#[derive(Debug, thiserror::Error)]
pub enum BindingConflict {
    /// There is no such account.
    #[error("there is no such account")]
    UnknownAccount,
    /// The account is bound to another person or, where a new binding is wanted, to anybody.
    #[error("the account is bound there already")]
    AccountBound,
    /// Another account is bound to the person.
    #[error("account {0} is bound to this person")]
    PersonBound(i64),
    /// Bindings do not say which account is the person's.
    #[error(transparent)]
    Unclear(UnclearBinding),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<UnclearBinding> for BindingConflict {
    fn from(error: UnclearBinding) -> Self {
        match error {
            UnclearBinding::Store(error) => error.into(),
            error => Self::Unclear(error),
        }
    }
}

/// Binds an account to a person, or brings its binding up to date. An account that is bound to
/// another person, and a person who is bound to another account, are left as they are.
pub async fn attach(store: &Transaction, wanted: WantedBinding<'_>) -> Result<(), BindingConflict> {
    match existing(store, wanted).await? {
        Some(binding) => renew(store, &binding, wanted.identity, wanted.rules).await?,
        None => create(store, wanted).await?,
    }
    Ok(())
}

/// Binds an account to a person as [`attach`] does, but leaves an account that is bound to this person
/// already as it is, too.
pub async fn attach_new(
    store: &Transaction,
    wanted: WantedBinding<'_>,
) -> Result<(), BindingConflict> {
    if existing(store, wanted).await?.is_some() {
        return Err(BindingConflict::AccountBound);
    }
    Ok(create(store, wanted).await?)
}

/// The binding that already binds the account to the person. The account is locked, so that nobody else
/// binds it meanwhile.
async fn existing(
    store: &Transaction,
    wanted: WantedBinding<'_>,
) -> Result<Option<Model>, BindingConflict> {
    let WantedBinding {
        authenticator,
        account,
        identity,
        ..
    } = wanted;
    if store.lock_user(account).await?.is_none() {
        return Err(BindingConflict::UnknownAccount);
    }
    let of_account = store.binding_of_user(authenticator, account).await?;
    if of_account.as_ref().is_some_and(|row| !is_of(row, identity)) {
        return Err(BindingConflict::AccountBound);
    }
    match find(store, authenticator, identity).await? {
        Some(bound) if bound.user.id != account => Err(BindingConflict::PersonBound(bound.user.id)),
        Some(bound) => Ok(Some(bound.binding)),
        // A binding that another program has just made may not be in the lookup tables yet.
        None => Ok(of_account),
    }
}

/// What becomes of the sessions of an account that loses its binding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OpenSessions {
    /// They go on.
    Keep,
    /// They end, if there was a binding.
    End,
}

/// Removes the binding of an account. Returns whether there was one.
pub async fn detach(
    store: &Transaction,
    authenticator: &str,
    account: i64,
    sessions: OpenSessions,
) -> Result<bool, StoreError> {
    let user = store.lock_user(account).await?;
    if store.remove_binding(authenticator, account).await? == 0 {
        return Ok(false);
    }
    // NocoBase can leave a binding behind without its account.
    if sessions == OpenSessions::End && user.is_some() {
        store.end_sessions(account, None).await?;
    }
    Ok(true)
}

/// Binds an account to a person of whom the caller knows, in the same transaction, that neither is
/// bound. Everybody else calls [`attach`] or [`attach_new`].
pub async fn create(store: &Transaction, wanted: WantedBinding<'_>) -> Result<(), StoreError> {
    let WantedBinding {
        identity, rules, ..
    } = wanted;
    let new = NewBinding {
        authenticator: wanted.authenticator.to_owned(),
        user_id: wanted.account,
        uuid: identity.subject.clone(),
        nickname: shortened(&identity.name),
        avatar: avatar(identity, rules).unwrap_or_default().to_owned(),
        meta: identity.meta.clone(),
        author: wanted.author,
    };
    store.create_binding(new).await?;
    Ok(())
}

/// Updates the binding of a person as [`renewed`] says, unless it is up to date.
pub async fn renew(
    store: &Transaction,
    binding: &Model,
    identity: &Identity,
    rules: &Rules,
) -> Result<(), StoreError> {
    let Some(changed) = renewed(binding, identity, rules) else {
        return Ok(());
    };
    if changed.uuid != binding.uuid {
        log::info!(
            "account {} is bound by another identifier from now on",
            binding.user_id
        );
    }
    store.save_binding(&changed).await?;
    Ok(())
}

/// The binding of a person as a renewal leaves it: with the current subject, which is another one
/// if the authenticator now binds by another identifier, the identifiers that it stores and, if the
/// rules say so, the name and the picture. None if it is so already.
pub(super) fn renewed(binding: &Model, identity: &Identity, rules: &Rules) -> Option<Model> {
    let mut changed = binding.clone();
    changed.uuid.clone_from(&identity.subject);
    // Fields of other programs are kept.
    let mut meta = match changed.meta.take() {
        Some(Value::Object(meta)) => meta,
        _ => Map::new(),
    };
    for (key, value) in identity.meta.as_object().into_iter().flatten() {
        meta.insert(key.clone(), value.clone());
    }
    changed.meta = Some(Value::Object(meta));
    if rules.refresh {
        changed.nickname = shortened(&identity.name);
        if let Some(avatar) = avatar(identity, rules) {
            avatar.clone_into(&mut changed.avatar);
        }
    }
    (changed != *binding).then_some(changed)
}

/// The address of the picture, if it is to be copied. An address that is too long is left out,
/// because half of it would be useless.
fn avatar<'a>(identity: &'a Identity, rules: &Rules) -> Option<&'a str> {
    let avatar = identity.avatar.as_deref().filter(|_| rules.copied.avatar);
    avatar.filter(|avatar| fits_string_column(avatar))
}
