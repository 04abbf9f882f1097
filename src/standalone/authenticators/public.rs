//! `authenticators:publicList`, and the list of types.

use std::sync::Arc;

use actix_web::HttpResponse;

use crate::api::authenticators::{AuthType, auth_type, shown, type_of};
use crate::domain::identity_provider::Providers;
use crate::domain::{password, plugin};
use crate::edge::{ApiError, Call, envelope};
use crate::standalone::parts::Parts;
use crate::store::Settings;

/// `authenticators:publicList`: the authenticators for the sign-in page. While this product's
/// plugin is disabled, pages do not load the module that signs in through providers, so
/// authenticators of providers are left out.
pub async fn public_list(call: Call, parts: Arc<Parts>) -> Result<HttpResponse, ApiError> {
    let settings = call.app.store.settings().await?;
    let kept = &parts.answers.public_list;
    if let Some(answer) = kept.kept(&settings) {
        return answer.response();
    }
    let providers = &call.app.providers;
    let types = types(providers, &settings);
    let plugin_is_on = plugin::this_plugin_is_among(&settings.plugins);
    let offered = settings
        .authenticators
        .iter()
        .filter(|row| plugin_is_on || !providers.has_type(&row.auth_type));
    let mut listed = Vec::new();
    for row in offered {
        // An empty title tells the client that nothing here handles the type.
        listed.push(shown(&call.app, row, title_of(&types, &row.auth_type)).await?);
    }
    let answer = envelope::rendered(listed);
    kept.keep(&settings, answer.clone());
    answer.response()
}

/// `authenticators:listTypes`: the types of authenticators that can be added.
pub async fn list_types(call: Call) -> Result<HttpResponse, ApiError> {
    let settings = call.app.store.settings().await?;
    Ok(envelope::data(types(&call.app.providers, &settings)))
}

fn types(providers: &Providers, settings: &Settings) -> Vec<AuthType> {
    let mut types = vec![auth_type(
        password::AUTH_TYPE,
        "Password",
        "@nocobase/plugin-auth",
    )];
    if plugin::this_plugin_is_among(&settings.plugins) {
        types.extend(providers.iter().map(|provider| type_of(&**provider)));
    }
    types
}

fn title_of(types: &[AuthType], name: &str) -> String {
    types
        .iter()
        .find(|kind| kind.name == name)
        .map(|kind| kind.title.clone())
        .unwrap_or_default()
}
