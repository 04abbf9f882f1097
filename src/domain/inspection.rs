//! Whether the authenticators that there are can be used, for who operates the server.

use super::authenticator::is_usable_name;
use super::environment::Vault;
use super::identity_provider::{Providers, UnusableOptions, ready};
use crate::store::{Store, StoreError};

/// An authenticator of a provider.
pub struct Inspected {
    /// What people call the provider.
    pub provider: &'static str,
    /// Its name.
    pub name: String,
    /// Whether people can sign in at it.
    pub is_enabled: bool,
    /// What is wrong with its options, if something is.
    pub problem: Option<UnusableOptions>,
    /// Bindings that another program made.
    pub foreign_bindings: u64,
}

/// Looks at all of those that belong to a provider, and changes nothing.
pub async fn inspect(
    store: &Store,
    vault: &Vault,
    providers: &Providers,
) -> Result<Vec<Inspected>, StoreError> {
    let mut inspected = Vec::new();
    for row in store.authenticators().await? {
        let Some(provider) = providers.of_type(&row.auth_type) else {
            continue;
        };
        let options = ready(store, vault, &**provider, &row.options).await;
        inspected.push(Inspected {
            provider: provider.names().title,
            problem: options.err(),
            is_enabled: row.enabled == Some(true),
            foreign_bindings: store.bindings_without_stable_id(&row.name).await?,
            name: row.name,
        });
    }
    Ok(inspected)
}

/// Names of authenticators, of whatever type, that no request can name.
pub async fn unusable_names(store: &Store) -> Result<Vec<String>, StoreError> {
    let rows = store.authenticators().await?;
    let names = rows.into_iter().map(|row| row.name);
    Ok(names.filter(|name| !is_usable_name(name)).collect())
}
