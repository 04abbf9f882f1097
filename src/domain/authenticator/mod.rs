//! Rules for the configured ways to sign in.

mod check;

pub use check::{check, keep_one_usable};

use entity::authenticator::Model;
use serde_json::{Value, json};

use super::identity_provider::{OptionProblem, Providers};
use crate::store::{AuthenticatorValues, Store, StoreError};

use check::{check_options, check_power};

/// New values; what is `None` stays.
#[derive(Clone, Debug, Default)]
pub struct AuthenticatorEdit {
    /// Unique name.
    pub name: Option<String>,
    /// Type.
    pub auth_type: Option<String>,
    /// Text of the button, or none.
    pub title: Option<Option<String>>,
    /// Description.
    pub description: Option<String>,
    /// Options, as a whole.
    pub options: Option<Value>,
    /// Whether it can be used.
    pub enabled: Option<bool>,
}

/// A place on the sign-in page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Move {
    /// Before all others.
    First,
    /// To where this one is; those between make room.
    Before(i64),
    /// Behind this one.
    After(i64),
}

/// Who changes authenticators.
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
    /// People would get power by signing in that the author could not give them.
    #[error("the options give roles, which this author may not")]
    Power,
    /// Another authenticator has the name.
    #[error("the name is taken")]
    NameTaken,
    /// The name is none that a header carries.
    #[error("the name may hold a-z, A-Z, 0-9, _ and - only")]
    NameUnusable,
    /// Nobody could sign in any more.
    #[error("at least one authenticator must stay enabled")]
    LastEnabled,
    /// Options that the type cannot use.
    #[error("the options are wrong")]
    Options(Vec<OptionProblem>),
    /// No such authenticator.
    #[error("there is no such authenticator")]
    Unknown,
    /// The store failed.
    #[error(transparent)]
    Store(StoreError),
}

impl From<StoreError> for AuthenticatorError {
    fn from(error: StoreError) -> Self {
        match error {
            // The only unique value is the name.
            StoreError::Conflict(_) => Self::NameTaken,
            error => Self::Store(error),
        }
    }
}

/// Whether requests can name an authenticator like this, in a header or a cookie. The rule is that
/// of NocoBase's form; what was stored before it stays as it is.
pub fn is_usable_name(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    !name.is_empty() && name.bytes().all(plain)
}

/// Refuses a new name that is none.
pub fn check_name(name: &str) -> Result<(), AuthenticatorError> {
    if is_usable_name(name) {
        return Ok(());
    }
    Err(AuthenticatorError::NameUnusable)
}

/// Creates an authenticator, last on the sign-in page. Name and type must be there.
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
    let values = AuthenticatorValues {
        name: change.name.unwrap_or_default(),
        auth_type,
        title: change.title.flatten(),
        description: change.description.unwrap_or_default(),
        options,
        enabled: change.enabled.unwrap_or(false),
        author: Some(author.id),
    };
    let row = transaction.create_authenticator(values).await?;
    transaction.commit().await?;
    Ok(row)
}

/// Changes authenticators, all or none.
pub async fn update(
    store: &Store,
    providers: &Providers,
    ids: &[i64],
    change: &AuthenticatorEdit,
    author: Author,
) -> Result<Vec<Model>, AuthenticatorError> {
    let transaction = store.begin_settings().await?;
    let mut rows = Vec::new();
    for id in ids {
        let Some(row) = transaction.authenticator_by_id(*id).await? else {
            continue;
        };
        let auth_type = change
            .auth_type
            .clone()
            .unwrap_or_else(|| row.auth_type.clone());
        let retyped = auth_type != row.auth_type;
        let options = match &change.options {
            // What one type keeps secret another would show.
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
        let renamed = change.name.as_ref().filter(|name| **name != row.name);
        if let Some(name) = renamed {
            check_name(name)?;
            transaction.rename_bindings(&row.name, name).await?;
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
    Ok(rows)
}

/// Removes authenticators and what is bound to them. Gives the names of those that there were.
pub async fn destroy(
    store: &Store,
    providers: &Providers,
    ids: &[i64],
) -> Result<Vec<String>, AuthenticatorError> {
    let transaction = store.begin_settings().await?;
    let mut removed = Vec::new();
    for id in ids {
        if let Some(row) = transaction.authenticator_by_id(*id).await? {
            transaction.remove_bindings(&row.name).await?;
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

/// Moves an authenticator to another place; the others keep their order.
pub async fn move_to(store: &Store, id: i64, place: Move) -> Result<(), AuthenticatorError> {
    let transaction = store.begin_settings().await?;
    let mut order = transaction.authenticator_order().await?;
    let position = |order: &[i64], id: i64| order.iter().position(|other| *other == id);
    let from = position(&order, id).ok_or(AuthenticatorError::Unknown)?;
    let to = match place {
        Move::First => 0,
        // Taking the target's place means standing behind it when coming from the front.
        Move::Before(target) => position(&order, target).ok_or(AuthenticatorError::Unknown)?,
        Move::After(target) => {
            let at = position(&order, target).ok_or(AuthenticatorError::Unknown)?;
            if from < at {
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
