//! Enabling and disabling a plugin.
//!
//! The set of plugins is fixed, and only this product's own can be switched: without one of
//! NocoBase's, pages would not open.

use super::plugin::{find, manifest};
use crate::domain::authenticator::{AuthenticatorError, keep_one_usable};
use crate::domain::identity_provider::Providers;
use crate::store::{Owner, Store, StoreError};

/// The wanted state of a plugin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Switch {
    /// The plugin should be enabled.
    On,
    /// The plugin should be disabled.
    Off,
}

/// The outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Switched {
    /// The state has changed.
    Changed,
    /// The plugin already had the wanted state.
    Already,
}

/// Why nothing was switched.
#[derive(Debug, thiserror::Error)]
pub enum SwitchError {
    /// No plugin has this name.
    #[error("there is no plugin {0}")]
    Unknown(String),
    /// The plugin is a part of the server.
    #[error("{0} is part of the server")]
    BuiltIn(String),
    /// The plugin is not enabled.
    #[error("{0} is not enabled")]
    NotEnabled(String),
    /// Nobody could sign in any more.
    #[error("no enabled authenticator would be left that somebody can sign in with")]
    LastWayIn,
    /// The database refused.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Switches plugins, by short name or package name, all or none. As in NocoBase 2.2.15, enabling an
/// enabled plugin succeeds, while disabling a disabled one is an error.
pub async fn switch(
    store: &Store,
    providers: &Providers,
    names: &[String],
    wanted: Switch,
) -> Result<Switched, SwitchError> {
    let mut names_this_plugin = false;
    for name in names {
        let plugin = find(name).ok_or_else(|| SwitchError::Unknown(name.clone()))?;
        if plugin.built_in && wanted == Switch::Off {
            return Err(SwitchError::BuiltIn(name.clone()));
        }
        names_this_plugin |= !plugin.built_in;
    }
    if !names_this_plugin {
        return Ok(Switched::Already);
    }
    let changed = match wanted {
        Switch::On => enable(store).await?,
        Switch::Off => disable(store, providers).await?,
    };
    match (changed, wanted) {
        (true, _) => Ok(Switched::Changed),
        (false, Switch::On) => Ok(Switched::Already),
        (false, Switch::Off) => Err(SwitchError::NotEnabled(manifest().alias.clone())),
    }
}

async fn enable(store: &Store) -> Result<bool, StoreError> {
    let manifest = manifest();
    let transaction = store.begin_settings().await?;
    if store.owner() == Owner::NocoBase {
        // In NocoBase's own table, it would find a plugin that it should load.
        let changed = transaction.set_switch(&manifest.alias, true).await?;
        if changed {
            // It was off on purpose, so what came meanwhile stays where it is.
            transaction.begin_channels_anew().await?;
        }
        transaction.commit().await?;
        return Ok(changed);
    }
    let changed = if transaction.plugin(&manifest.alias).await?.is_some() {
        transaction
            .set_plugin_enabled(&manifest.alias, true)
            .await?
    } else {
        // A database that NocoBase created has no row for this plugin yet.
        transaction
            .install_plugin(&manifest.alias, &manifest.name, &manifest.version, false)
            .await?;
        true
    };
    transaction.commit().await?;
    Ok(changed)
}

async fn disable(store: &Store, providers: &Providers) -> Result<bool, SwitchError> {
    let transaction = store.begin_settings().await?;
    if store.owner() == Owner::NocoBase {
        // NocoBase keeps one authenticator enabled, and it is never a provider's.
        let changed = transaction.set_switch(&manifest().alias, false).await?;
        transaction.commit().await?;
        return Ok(changed);
    }
    let changed = transaction
        .set_plugin_enabled(&manifest().alias, false)
        .await?;
    match keep_one_usable(&transaction, providers).await {
        Ok(()) => {}
        Err(AuthenticatorError::Store(error)) => return Err(error.into()),
        Err(_) => return Err(SwitchError::LastWayIn),
    }
    transaction.commit().await?;
    Ok(changed)
}
