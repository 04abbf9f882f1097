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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde_json::json;

    use super::*;
    use crate::domain::test_installation::TestInstallation;
    use crate::domain::test_provider::{AUTH_TYPE, TestProvider};

    #[tokio::test]
    async fn each_authenticator_of_a_provider_is_inspected_whether_it_is_in_use_or_not() {
        let installation = TestInstallation::new().await;
        let store = &installation.store;
        let unfilled = json!({"key": "{{$env.NOWHERE}}"});
        for (name, auth_type, enabled, options) in [
            ("usable", AUTH_TYPE, true, json!({})),
            ("disabled", AUTH_TYPE, false, unfilled.clone()),
            ("another-type", "SAML", true, unfilled),
        ] {
            store
                .add_authenticator(name, auth_type, enabled, options)
                .await;
        }
        let providers = Providers::new(vec![Arc::new(TestProvider::default())]);
        let inspected = inspect(store, &installation.vault, &providers).await;
        let inspected = inspected.unwrap();
        let found: Vec<_> = inspected
            .iter()
            .map(|one| (one.name.as_str(), one.is_enabled, one.problem.is_some()))
            .collect();
        let expected = [("usable", true, false), ("disabled", false, true)];
        assert_eq!(found, expected);
        assert!(inspected.iter().all(|one| one.provider == "Company"));
    }
}
