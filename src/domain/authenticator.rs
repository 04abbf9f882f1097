//! Rules for the configured ways to sign in.

use entity::authenticator::Model;
use serde_json::{Value, json};

use super::{plugin, role};
use crate::provider;
use crate::store::{AuthenticatorValues, Connection, Store, StoreError, Transaction};

/// New values; what is `None` stays.
#[derive(Clone, Debug, Default)]
pub struct Change {
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
    /// Nobody could sign in any more.
    #[error("at least one authenticator must stay enabled")]
    LastEnabled,
    /// Options that the type cannot use: title and rule of each.
    #[error("the options are wrong")]
    Options(Vec<(&'static str, &'static str)>),
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
            error @ (StoreError::Busy(_) | StoreError::Database(_)) => Self::Store(error),
        }
    }
}

/// Puts stored values in the place of those that a client cannot know: type, new options, stored
/// options.
pub type KeepSecrets = fn(&str, &mut Value, Option<&Value>);

/// Creates an authenticator, last on the sign-in page. Name and type must be there.
pub async fn create(
    store: &Store,
    change: Change,
    author: Author,
    keep_secrets: KeepSecrets,
) -> Result<Model, AuthenticatorError> {
    let auth_type = change.auth_type.unwrap_or_default();
    let mut options = change.options.unwrap_or_else(|| json!({}));
    keep_secrets(&auth_type, &mut options, None);
    let transaction = store.begin_settings().await?;
    check_options(&transaction, &auth_type, &options).await?;
    check_power(&auth_type, &options, author)?;
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
    ids: &[i64],
    change: &Change,
    author: Author,
    keep_secrets: KeepSecrets,
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
                keep_secrets(
                    &auth_type,
                    &mut options,
                    Some(&row.options).filter(|_| !retyped),
                );
                options
            }
        };
        if retyped || change.options.is_some() {
            check_options(&transaction, &auth_type, &options).await?;
        }
        if retyped || options != row.options {
            check_power(&auth_type, &options, author)?;
        }
        let renamed = change.name.as_ref().filter(|name| **name != row.name);
        if let Some(name) = renamed {
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
    keep_one_usable(&transaction).await?;
    transaction.commit().await?;
    Ok(rows)
}

/// Removes authenticators and what is bound to them. Gives the names of those that there were.
pub async fn destroy(store: &Store, ids: &[i64]) -> Result<Vec<String>, AuthenticatorError> {
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
        keep_one_usable(&transaction).await?;
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

/// Refuses a change after which nobody could sign in any more. An authenticator of an unknown type
/// lets nobody in, nor does one of ours while the plugin is off.
pub async fn keep_one_usable(transaction: &Transaction) -> Result<(), AuthenticatorError> {
    let enabled = transaction.enabled_authenticators().await?;
    let plugin_is_on = plugin::own_is_among(&transaction.enabled_plugins().await?);
    let own = &plugin::manifest().auth_type;
    let usable =
        |auth_type: &str| provider::is_known(auth_type) && (plugin_is_on || auth_type != own);
    if enabled.iter().any(|row| usable(&row.auth_type)) {
        Ok(())
    } else {
        Err(AuthenticatorError::LastEnabled)
    }
}

/// Whether options can be saved by this author, for a caller that has somebody else save them.
pub async fn check<C: Connection>(
    store: &Store<C>,
    auth_type: &str,
    options: &Value,
    author: Author,
) -> Result<(), AuthenticatorError> {
    check_options(store, auth_type, options).await?;
    check_power(auth_type, options, author)
}

async fn check_options<C: Connection>(
    transaction: &Store<C>,
    auth_type: &str,
    options: &Value,
) -> Result<(), AuthenticatorError> {
    let mut problems = provider::problems_of_options(auth_type, options);
    let roles = provider::roles_given(auth_type, options);
    let known = transaction.existing_roles(&roles).await?;
    // Nobody becomes root by signing in.
    if roles
        .iter()
        .any(|name| name == role::ROOT || !known.contains(name))
    {
        problems.push(("Roles of new accounts", "{{field}} is not valid"));
    }
    if problems.is_empty() {
        Ok(())
    } else {
        Err(AuthenticatorError::Options(problems))
    }
}

/// Whoever may say where identities come from could otherwise make themselves anybody.
fn check_power(auth_type: &str, options: &Value, author: Author) -> Result<(), AuthenticatorError> {
    if provider::gives_power(auth_type, options) && !author.may_give_power {
        return Err(AuthenticatorError::Power);
    }
    Ok(())
}
