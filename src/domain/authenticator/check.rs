//! Checks of changes to authenticators.

use entity::authenticator::Model;
use serde_json::Value;

use super::{AuthenticatorError, Author};
use crate::domain::identity_provider::{OptionProblem, Providers};
use crate::domain::{password, plugin, role};
use crate::store::{Connection, Store, Transaction};

/// Refuses a change after which nobody could sign in any more. An authenticator of an unknown type
/// lets nobody in, and neither does a provider's while the plugin is disabled.
pub async fn keep_one_usable(
    transaction: &Transaction,
    providers: &Providers,
) -> Result<(), AuthenticatorError> {
    let enabled = transaction.enabled_authenticators().await?;
    let plugin_is_on = plugin::this_plugin_is_among(&transaction.enabled_plugins().await?);
    let usable = |auth_type: &str| {
        auth_type == password::AUTH_TYPE || (plugin_is_on && providers.has_type(auth_type))
    };
    if enabled.iter().any(|row| usable(&row.auth_type)) {
        Ok(())
    } else {
        Err(AuthenticatorError::LastEnabled)
    }
}

/// Checks whether this author may save these options, for the gateway, which lets NocoBase save
/// them.
pub async fn check<C: Connection>(
    store: &Store<C>,
    providers: &Providers,
    auth_type: &str,
    options: &Value,
    author: Author,
) -> Result<(), AuthenticatorError> {
    check_options(store, providers, auth_type, options).await?;
    check_power(providers, auth_type, options, author)
}

/// An authenticator as it will be after a change.
#[derive(Clone, Copy, Debug)]
pub struct Changed<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its type.
    pub auth_type: &'a str,
    /// Its options.
    pub options: &'a Value,
}

/// Refuses a change by which accounts would belong to other people. Somebody who is bound is known
/// by an identifier, which another organization can give to anybody; so whoever could have it do
/// that must be allowed to act as everybody who is bound.
pub async fn check_bound<C: Connection>(
    store: &Store<C>,
    providers: &Providers,
    before: Option<&Model>,
    after: Changed<'_>,
    author: Author,
) -> Result<(), AuthenticatorError> {
    if author.may_give_power {
        return Ok(());
    }
    let keeps_people = before.is_some_and(|row| {
        row.auth_type == after.auth_type
            && providers.identify_the_same_people(&row.auth_type, &row.options, after.options)
    });
    let mut names = Vec::new();
    if let Some(row) = before.filter(|_| !keeps_people) {
        // After NocoBase has renamed an authenticator, its bindings have the old name for a moment. That name is looked
        // at first, because they may follow meanwhile.
        names = store.names_before_renames(row.id).await?;
        names.push(row.name.clone());
    }
    // Bindings go along with a new name, and those that an earlier authenticator left may wait there.
    if before.is_none_or(|row| row.name != after.name) {
        names.push(after.name.to_owned());
    }
    for name in names {
        if store.is_anybody_bound(&name).await? {
            return Err(AuthenticatorError::Power);
        }
    }
    Ok(())
}

/// Refuses a change of variables by which an authenticator would identify other people, if somebody is
/// bound there or its options give power. It is as good as a change of the options themselves.
pub async fn check_variables(
    store: &Store,
    providers: &Providers,
    names: &[String],
    author: Author,
) -> Result<(), AuthenticatorError> {
    if author.may_give_power {
        return Ok(());
    }
    for row in store.authenticators().await? {
        let used = providers.variables_of_people(&row.auth_type, &row.options);
        if !names.iter().any(|name| used.contains(name)) {
            continue;
        }
        check_power(providers, &row.auth_type, &row.options, author)?;
        if store.is_anybody_bound(&row.name).await? {
            return Err(AuthenticatorError::Power);
        }
    }
    Ok(())
}

/// Checks whether the type can use the options.
pub(super) async fn check_options<C: Connection>(
    transaction: &Store<C>,
    providers: &Providers,
    auth_type: &str,
    options: &Value,
) -> Result<(), AuthenticatorError> {
    let mut problems = providers.problems(auth_type, options);
    let roles = providers.roles_given(auth_type, options);
    let known = transaction.existing_roles(&roles).await?;
    // Nobody may become root by signing in.
    if roles
        .iter()
        .any(|name| name == role::ROOT || !known.contains(name))
    {
        problems.push(OptionProblem {
            path: "newUserRoles",
            title: "Roles of new accounts",
            rule: "{{field}} is not valid",
        });
    }
    if problems.is_empty() {
        Ok(())
    } else {
        Err(AuthenticatorError::Options(problems))
    }
}

/// Without this check, whoever may change where identities come from could sign in as anybody.
pub(super) fn check_power(
    providers: &Providers,
    auth_type: &str,
    options: &Value,
    author: Author,
) -> Result<(), AuthenticatorError> {
    if providers.give_power(auth_type, options) && !author.may_give_power {
        return Err(AuthenticatorError::Power);
    }
    Ok(())
}
