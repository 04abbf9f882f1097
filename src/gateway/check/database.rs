//! Checking that a database is that of the NocoBase behind the gateway.

use super::elsewhere::Elsewhere;
use super::finding::UnfitError;
use crate::domain::plugin;
use crate::store::{Store, StoreError};

/// Checks that this is the database of a NocoBase without a DingTalk plugin of its own. Every table
/// that a sign-in uses must exist; if one does not, the tables of a NocoBase with other names are
/// searched for.
pub async fn database(store: &Store) -> Result<(), UnfitError> {
    if let Err(error) = look_into_tables(store).await {
        let found = store.other_installations().await.unwrap_or_default();
        return Err(match Elsewhere::of(&found, store.naming()) {
            Some(elsewhere) => UnfitError::Elsewhere(elsewhere),
            None => UnfitError::NoNocoBase(error),
        });
    }
    let plugins = store.plugins().await.map_err(UnfitError::NoNocoBase)?;
    let manifest = plugin::manifest();
    let same = |name: Option<&str>| name == Some(&manifest.alias) || name == Some(&manifest.name);
    let rival = plugins.into_iter().find(|row| {
        row.enabled == Some(true)
            && (same(row.name.as_deref()) || same(row.package_name.as_deref()))
    });
    match rival {
        Some(_) => Err(UnfitError::PluginInstalled(manifest.name.clone())),
        None => Ok(()),
    }
}

async fn look_into_tables(store: &Store) -> Result<(), StoreError> {
    store.plugins().await?;
    store.user(0).await?;
    store.roles_of(0).await?;
    store.authenticators().await?;
    store.bindings_of_subject("", "").await?;
    store.token_policy().await?;
    store.is_blacklisted("").await?;
    store.system_settings().await?;
    Ok(())
}
