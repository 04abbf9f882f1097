//! An inspection of the existing authenticators, for the operator.

use super::authenticator::is_usable_name;
use super::environment::Vault;
use super::identity_provider::{Providers, UnusableOptions, ready};
use crate::store::{Store, StoreError};

/// The result for one authenticator of a provider.
pub struct Inspected {
    /// The provider's name for people.
    pub provider: &'static str,
    /// The name of the authenticator.
    pub name: String,
    /// Whether people can sign in with it.
    pub is_enabled: bool,
    /// The problem of its options, if there is one.
    pub problem: Option<UnusableOptions>,
}

/// Inspects all authenticators of providers, and changes nothing. A server that starts waits for
/// it, so it looks at settings only, and at nothing that grows with the number of people.
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
            name: row.name,
        });
    }
    Ok(inspected)
}

/// How many bindings of this authenticator another program made. Looks at all of them.
pub async fn foreign_bindings(store: &Store, authenticator: &str) -> Result<u64, StoreError> {
    store.bindings_without_stable_id(authenticator).await
}

/// The names of authenticators of any type that requests cannot name.
pub async fn unusable_names(store: &Store) -> Result<Vec<String>, StoreError> {
    let rows = store.authenticators().await?;
    let names = rows.into_iter().map(|row| row.name);
    Ok(names.filter(|name| !is_usable_name(name)).collect())
}
