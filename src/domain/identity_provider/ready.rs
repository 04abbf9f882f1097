//! The options of an authenticator as a sign-in uses them, with their variables filled in.

use serde_json::Value;

use super::{ConfiguredProvider, IdentityProvider, OptionsError};
use crate::domain::environment::{self, Missing, Vault};
use crate::store::{Store, StoreError};

/// Why options cannot be used. The text contains no values.
#[derive(Debug, thiserror::Error)]
pub enum UnusableOptions {
    /// A variable has no value.
    #[error(transparent)]
    Missing(#[from] Missing),
    /// A secret variable is used in an option that people can see, such as the Client ID, which is
    /// a part of addresses. Whoever may configure authenticators could read every secret that way.
    #[error("a secret variable is only for an option that is secret itself")]
    ShownSecret,
    /// The options are not valid.
    #[error(transparent)]
    Wrong(#[from] OptionsError),
    /// The variables could not be read.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A provider, configured with options that are stored or in a form.
pub async fn ready(
    store: &Store,
    vault: &Vault,
    provider: &dyn IdentityProvider,
    options: &Value,
) -> Result<Box<dyn ConfiguredProvider>, UnusableOptions> {
    let filled =
        environment::resolve(store, vault, &provider.without_legacy_groups(options)).await?;
    if let Some(missing) = filled.missing.into_iter().next() {
        return Err(missing.into());
    }
    let mut shown = filled.shown;
    for secret in provider.secrets() {
        if let (Some(shown), Some(filled)) = (shown.get_mut(secret), filled.options.get(secret)) {
            *shown = filled.clone();
        }
    }
    if shown != filled.options {
        return Err(UnusableOptions::ShownSecret);
    }
    Ok(provider.configure(&filled.options)?)
}
