//! The options of an authenticator as a sign-in uses them: with their variables filled in.

use serde_json::Value;

use super::{ConfiguredProvider, IdentityProvider, OptionsError};
use crate::domain::environment::{self, Missing, Vault};
use crate::store::{Store, StoreError};

/// Why options cannot be used. No text of it holds a value.
#[derive(Debug, thiserror::Error)]
pub enum UnusableOptions {
    /// A variable has no value.
    #[error(transparent)]
    Missing(#[from] Missing),
    /// A secret stands in an option that people get to see, such as the Client ID, which is part
    /// of addresses: whoever may configure authenticators could read every secret with it.
    #[error("a secret variable is only for an option that is secret itself")]
    ShownSecret,
    /// The values are not options.
    #[error(transparent)]
    Wrong(#[from] OptionsError),
    /// The variables could not be looked up.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A provider, ready to be asked, with the options that are stored or stand in a form.
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
