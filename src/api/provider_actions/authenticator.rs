//! Finding the authenticator of a provider and checking that it can be used.

use entity::authenticator;

use crate::chain::Chain;
use crate::domain::identity_provider::{
    ConfiguredProvider, IdentityProvider, UnusableOptions, ready,
};
use crate::domain::plugin;
use crate::domain::sign_in::Rules;
use crate::edge::error::SignInRefusal;
use crate::state::AppState;
use crate::store::StoreError;

/// An authenticator of a provider that can be used.
pub(crate) struct UsableAuthenticator {
    /// Its name.
    pub name: String,
    /// The provider, configured with the authenticator's options.
    pub provider: Box<dyn ConfiguredProvider>,
    /// The rules that decide whom it lets in.
    pub rules: Rules,
}

/// The authenticator of this provider with this name, if it is enabled and the plugin is, too.
pub(super) async fn enabled_authenticator(
    app: &AppState,
    provider: &dyn IdentityProvider,
    name: &str,
) -> Result<authenticator::Model, SignInRefusal> {
    refuse_unless_enabled(app).await?;
    let found = app.store.authenticator(name).await.map_err(internal)?;
    let names = provider.names();
    let usable =
        |row: &authenticator::Model| row.enabled == Some(true) && row.auth_type == names.auth_type;
    found.filter(usable).ok_or_else(|| {
        log::warn!(
            "there is no enabled {} authenticator of the name that was asked for",
            names.title
        );
        SignInRefusal::Disabled
    })
}

/// Refuses the request while the plugin is disabled.
pub(super) async fn refuse_unless_enabled(app: &AppState) -> Result<(), SignInRefusal> {
    if plugin::this_plugin_is_enabled(&app.store)
        .await
        .map_err(internal)?
    {
        return Ok(());
    }
    log::warn!("the plugin {} is switched off", plugin::manifest().alias);
    Err(SignInRefusal::Disabled)
}

impl UsableAuthenticator {
    /// Makes an authenticator of this provider usable.
    pub async fn of(
        app: &AppState,
        provider: &dyn IdentityProvider,
        row: &authenticator::Model,
    ) -> Result<Self, SignInRefusal> {
        let configured = ready(&app.store, &app.vault, provider, &row.options).await;
        let configured = configured.map_err(|error| {
            log::error!("authenticator {}: {error}", row.name, error = Chain(&error));
            match &error {
                UnusableOptions::Store(error) => error.into(),
                _ => SignInRefusal::Misconfigured,
            }
        })?;
        let mut rules = configured.rules();
        let owner = app.store.owner();
        let may_give_power = || {
            app.options_key
                .may_give_power(owner, row, provider.secrets())
        };
        if rules.give_power() && !may_give_power() {
            log::warn!(
                "authenticator {} gives no roles and links no administrators: its options were not \
                 saved through the gateway; save them again there",
                row.name
            );
            rules = rules.without_power();
        }
        Ok(Self {
            name: row.name.clone(),
            provider: configured,
            rules,
        })
    }
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "the shape that map_err wants"
)]
fn internal(error: StoreError) -> SignInRefusal {
    log::error!("{error}", error = Chain(&error));
    SignInRefusal::from(&error)
}
