//! The rules for authenticators, which are the configured ways to sign in.

mod check;
mod rename;
#[cfg(test)]
mod tests;

pub use check::{Changed, check, check_bound, check_variables, keep_one_usable};
pub use rename::{begin_rename, finish_interrupted_renames, finish_rename, finish_rename_to};

use entity::authenticator::Model;
use serde_json::{Value, json};

use super::identity_provider::{OptionProblem, Providers};
use crate::store::{AuthenticatorValues, Store, StoreError, repeated};

use check::{check_options, check_power};
use rename::write_new_name;

/// Changes to an authenticator; fields that are `None` stay as they are.
#[derive(Clone, Debug, Default)]
pub struct AuthenticatorEdit {
    /// The unique name.
    pub name: Option<String>,
    /// The type.
    pub auth_type: Option<String>,
    /// The text of the button; an inner `None` removes it.
    pub title: Option<Option<String>>,
    /// The description.
    pub description: Option<String>,
    /// All options.
    pub options: Option<Value>,
    /// Whether it is enabled.
    pub enabled: Option<bool>,
}

/// A position on the sign-in page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Move {
    /// The first position.
    First,
    /// The position of this authenticator, which moves by one with those in between.
    Before(i64),
    /// The position after this authenticator.
    After(i64),
}

/// The person who changes authenticators.
#[derive(Clone, Copy, Debug)]
pub struct Author {
    /// Their account.
    pub id: i64,
    /// Whether they may change the roles of accounts.
    pub may_give_power: bool,
}

/// Why a change is refused.
#[derive(Debug, thiserror::Error)]
pub enum AuthenticatorError {
    /// The options give power to people that the author may not give.
    #[error("the options give roles, which this author may not")]
    Power,
    /// Another authenticator has the name.
    #[error("the name is taken")]
    NameTaken,
    /// The name contains characters that a header cannot carry.
    #[error("the name may hold a-z, A-Z, 0-9, _ and - only")]
    NameUnusable,
    /// Nobody could sign in any more.
    #[error("at least one authenticator must stay enabled")]
    LastEnabled,
    /// The type cannot use the options.
    #[error("the options are wrong")]
    Options(Vec<OptionProblem>),
    /// There is no such authenticator.
    #[error("there is no such authenticator")]
    Unknown,
    /// The store failed.
    #[error(transparent)]
    Store(StoreError),
}

impl From<StoreError> for AuthenticatorError {
    fn from(error: StoreError) -> Self {
        match error {
            // The name is the only unique value.
            StoreError::Conflict(_) => Self::NameTaken,
            error => Self::Store(error),
        }
    }
}

/// Whether requests can name an authenticator like this, in a header or a cookie. The rule is that
/// of NocoBase's form; names that were stored before are not changed.
pub fn is_usable_name(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    !name.is_empty() && name.bytes().all(plain)
}

/// Refuses a new name that is not valid.
pub fn check_name(name: &str) -> Result<(), AuthenticatorError> {
    if is_usable_name(name) {
        return Ok(());
    }
    Err(AuthenticatorError::NameUnusable)
}

/// Creates an authenticator and puts it last on the sign-in page. Name and type are required.
pub async fn create(
    store: &Store,
    providers: &Providers,
    change: AuthenticatorEdit,
    author: Author,
) -> Result<Model, AuthenticatorError> {
    let auth_type = change.auth_type.unwrap_or_default();
    let mut options = change.options.unwrap_or_else(|| json!({}));
    providers.keep_masked(&auth_type, &mut options, None);
    providers.tidy(&auth_type, &mut options);
    check_name(change.name.as_deref().unwrap_or_default())?;
    let transaction = store.begin_settings().await?;
    check(&transaction, providers, &auth_type, &options, author).await?;
    let name = change.name.unwrap_or_default();
    let changed = Changed {
        name: &name,
        auth_type: &auth_type,
        options: &options,
    };
    check_bound(&transaction, providers, None, changed, author).await?;
    let values = AuthenticatorValues {
        name,
        auth_type,
        title: change.title.flatten(),
        description: change.description.unwrap_or_default(),
        options,
        enabled: change.enabled.unwrap_or(false),
        author: Some(author.id),
    };
    let row = transaction.create_authenticator(values).await?;
    transaction.commit().await?;
    // Until its bindings are compared, people would be looked for among all of them.
    store.coverage().ask();
    Ok(row)
}

/// Whether another transaction was in the way. A unique value that is taken can also be one of a
/// binding, because somebody was bound under the new name meanwhile.
fn is_overlap(error: &AuthenticatorError) -> bool {
    match error {
        AuthenticatorError::NameTaken => true,
        AuthenticatorError::Store(error) => error.is_overlap(),
        _ => false,
    }
}

/// Changes authenticators, all or none.
pub async fn update(
    store: &Store,
    providers: &Providers,
    ids: &[i64],
    change: &AuthenticatorEdit,
    author: Author,
) -> Result<Vec<Model>, AuthenticatorError> {
    repeated(
        || attempt_to_update(store, providers, ids, change, author),
        is_overlap,
    )
    .await
}

async fn attempt_to_update(
    store: &Store,
    providers: &Providers,
    ids: &[i64],
    change: &AuthenticatorEdit,
    author: Author,
) -> Result<Vec<Model>, AuthenticatorError> {
    let transaction = store.begin_settings().await?;
    let mut rows = Vec::new();
    let mut moved = Vec::new();
    let mut some_retyped = false;
    for id in ids {
        let Some(row) = transaction.authenticator_by_id(*id).await? else {
            continue;
        };
        let auth_type = change
            .auth_type
            .clone()
            .unwrap_or_else(|| row.auth_type.clone());
        let retyped = auth_type != row.auth_type;
        some_retyped |= retyped;
        let options = match &change.options {
            // An option that is secret in one type may be visible in another.
            None if retyped => json!({}),
            None => row.options.clone(),
            Some(options) => {
                let mut options = options.clone();
                let stored = Some(&row.options).filter(|_| !retyped);
                providers.keep_masked(&auth_type, &mut options, stored);
                providers.tidy(&auth_type, &mut options);
                options
            }
        };
        if retyped || change.options.is_some() {
            check_options(&transaction, providers, &auth_type, &options).await?;
        }
        if retyped || options != row.options {
            check_power(providers, &auth_type, &options, author)?;
        }
        let changed = Changed {
            name: change.name.as_deref().unwrap_or(&row.name),
            auth_type: &auth_type,
            options: &options,
        };
        check_bound(&transaction, providers, Some(&row), changed, author).await?;
        let renamed = change.name.as_ref().filter(|name| **name != row.name);
        if let Some(name) = renamed {
            check_name(name)?;
            moved.push(write_new_name(&transaction, &row.name, name).await?);
        }
        let values = AuthenticatorValues {
            name: change.name.clone().unwrap_or(row.name),
            auth_type,
            title: change.title.clone().unwrap_or(row.title),
            description: change.description.clone().unwrap_or(row.description),
            options,
            enabled: change.enabled.or(row.enabled).unwrap_or(false),
            author: Some(author.id),
        };
        rows.push(transaction.update_authenticator(*id, values).await?);
    }
    keep_one_usable(&transaction, providers).await?;
    transaction.commit().await?;
    for bindings in moved {
        store.coverage().rename(bindings);
    }
    if some_retyped {
        // The bindings at an authenticator of another type may not have been compared.
        store.coverage().ask();
    }
    Ok(rows)
}

/// Removes authenticators and the bindings at them. Returns the names of those that existed.
pub async fn destroy(
    store: &Store,
    providers: &Providers,
    ids: &[i64],
) -> Result<Vec<String>, AuthenticatorError> {
    repeated(|| attempt_to_destroy(store, providers, ids), is_overlap).await
}

async fn attempt_to_destroy(
    store: &Store,
    providers: &Providers,
    ids: &[i64],
) -> Result<Vec<String>, AuthenticatorError> {
    let transaction = store.begin_settings().await?;
    let mut removed = Vec::new();
    for id in ids {
        if let Some(row) = transaction.authenticator_by_id(*id).await? {
            transaction.remove_bindings_at(&row.name).await?;
            if transaction.remove_authenticator(*id).await? > 0 {
                removed.push(row.name);
            }
        }
    }
    if !removed.is_empty() {
        keep_one_usable(&transaction, providers).await?;
    }
    transaction.commit().await?;
    Ok(removed)
}

/// Moves an authenticator to another position; the order of the others stays the same.
pub async fn move_to(store: &Store, id: i64, place: Move) -> Result<(), AuthenticatorError> {
    let transaction = store.begin_settings().await?;
    let mut order = transaction.authenticator_order().await?;
    let position = |order: &[i64], id: i64| order.iter().position(|other| *other == id);
    let from = position(&order, id).ok_or(AuthenticatorError::Unknown)?;
    let to = match place {
        Move::First => 0,
        // An authenticator that comes from before the target is put after it.
        Move::Before(target) => position(&order, target).ok_or(AuthenticatorError::Unknown)?,
        Move::After(target) => {
            let at = position(&order, target).ok_or(AuthenticatorError::Unknown)?;
            if from <= at {
                at
            } else {
                (at + 1).min(order.len() - 1)
            }
        }
    };
    order.remove(from);
    order.insert(to, id);
    transaction.set_authenticator_order(&order).await?;
    transaction.commit().await?;
    Ok(())
}
