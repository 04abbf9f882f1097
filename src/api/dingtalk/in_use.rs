//! Which authenticators of DingTalk can be used, and with which options.

use entity::authenticator;

use super::options_in_use;
use super::options_in_use::UnusableOptions;
use crate::api::error::DingTalkRefusal;
use crate::app::App;
use crate::domain::plugin;
use crate::provider::dingtalk::DingTalkOptions;
use crate::store::StoreError;

/// The authenticator of this name, when it may be used.
pub(super) async fn enabled_authenticator(
    app: &App,
    name: &str,
) -> Result<authenticator::Model, DingTalkRefusal> {
    refuse_unless_enabled(app).await?;
    let found = app.store.authenticator(name).await.map_err(internal)?;
    let usable = |row: &authenticator::Model| row.enabled == Some(true) && is_own_type(row);
    found.filter(usable).ok_or_else(|| {
        log::warn!("there is no enabled DingTalk authenticator of the name that was asked for");
        DingTalkRefusal::Disabled
    })
}

/// Whether it is one of DingTalk's.
pub(super) fn is_own_type(row: &authenticator::Model) -> bool {
    row.auth_type == plugin::manifest().auth_type
}

/// Refuses while the plugin is switched off.
pub(super) async fn refuse_unless_enabled(app: &App) -> Result<(), DingTalkRefusal> {
    if plugin::own_is_enabled(&app.store).await.map_err(internal)? {
        return Ok(());
    }
    log::warn!("the plugin {} is switched off", plugin::manifest().alias);
    Err(DingTalkRefusal::Disabled)
}

/// The options of an authenticator, ready to be used.
pub(super) async fn options_of(
    app: &App,
    authenticator: &authenticator::Model,
) -> Result<DingTalkOptions, DingTalkRefusal> {
    options_in_use(app, &authenticator.options)
        .await
        .map_err(|error| {
            log::error!("authenticator {}: {error}", authenticator.name);
            match error {
                UnusableOptions::Store(_) => DingTalkRefusal::Failed,
                _ => DingTalkRefusal::Misconfigured,
            }
        })
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "the shape that map_err wants"
)]
fn internal(error: StoreError) -> DingTalkRefusal {
    log::error!("{error}");
    DingTalkRefusal::Failed
}
