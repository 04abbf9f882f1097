//! What anybody may see of authenticators, and the types there are.

use actix_web::HttpResponse;
use entity::authenticator;
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::api::{ApiError, Call, envelope};
use crate::app::App;
use crate::domain::identity_provider::{IdentityProvider, Providers, UnusableOptions, ready};
use crate::domain::{password, plugin};
use crate::store::{Settings, StoreError};

/// One way to sign in, as anybody may see it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PublicAuthenticator<'a> {
    name: &'a str,
    auth_type: &'a str,
    auth_type_title: String,
    title: Option<&'a str>,
    options: Value,
}

/// `authenticators:publicList`: what the sign-in page offers. While our own plugin is switched off,
/// pages do not load the module that signs in through providers, so what needs it is not offered.
pub async fn public_list(call: Call) -> Result<HttpResponse, ApiError> {
    let settings = call.app.store.settings().await?;
    let kept = &call.app.answers.public_list;
    if let Some(answer) = kept.kept(&settings) {
        return answer.response();
    }
    let providers = &call.app.providers;
    let types = types(providers, &settings);
    let plugin_is_on = plugin::own_is_among(&settings.plugins);
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

async fn shown<'a>(
    app: &App,
    row: &'a authenticator::Model,
    auth_type_title: String,
) -> Result<PublicAuthenticator<'a>, StoreError> {
    let mut options = public_options(&app.providers, &row.auth_type, &row.options);
    if let Some(provider) = app.providers.of_type(&row.auth_type)
        && let Some(fields) = options.as_object_mut()
    {
        add_in_app(app, &**provider, row, fields).await?;
    }
    Ok(PublicAuthenticator {
        name: &row.name,
        auth_type: &row.auth_type,
        auth_type_title,
        title: row.title.as_deref(),
        options,
    })
}

/// An authenticator of a provider, in a list that somebody else makes; nothing when it is of none.
pub(crate) async fn public_entry(
    app: &App,
    row: &authenticator::Model,
) -> Result<Option<Value>, StoreError> {
    let Some(provider) = app.providers.of_type(&row.auth_type) else {
        return Ok(None);
    };
    let title = type_of(&**provider).title;
    Ok(Some(json!(shown(app, row, title).await?)))
}

/// The types of all providers by their names, in a list that somebody else makes.
pub(crate) fn provider_types(providers: &Providers) -> impl Iterator<Item = (&'static str, Value)> {
    providers
        .iter()
        .map(|provider| (provider.names().auth_type, json!(type_of(&**provider))))
}

/// The title is translated by our own plugin, whichever provider it is.
fn type_of(provider: &dyn IdentityProvider) -> AuthType {
    let names = provider.names();
    auth_type(names.auth_type, names.title, &plugin::manifest().name)
}

/// The public part of an authenticator's options. Nothing else ever leaves, but what a provider's
/// client has to be told where people are signed in inside it.
fn public_options(providers: &Providers, auth_type: &str, options: &Value) -> Value {
    let options = providers.inherited(auth_type, options);
    let mut public = match options.get("public") {
        Some(public @ Value::Object(_)) => public.clone(),
        _ => json!({}),
    };
    if auth_type == password::AUTH_TYPE
        && let Some(fields) = public.as_object_mut()
    {
        fields
            .entry("signupForm")
            .or_insert_with(default_signup_form);
    }
    public
}

/// What the provider's client has to be told, where people are signed in inside it. Options that
/// cannot be used say nothing.
async fn add_in_app(
    app: &App,
    provider: &dyn IdentityProvider,
    row: &authenticator::Model,
    public: &mut Map<String, Value>,
) -> Result<(), StoreError> {
    public.remove("inApp");
    if public.get("autoSignIn") != Some(&Value::Bool(true)) {
        return Ok(());
    }
    let in_app = match ready(&app.store, &app.vault, provider, &row.options).await {
        Ok(configured) => configured.in_app(),
        Err(UnusableOptions::Store(error)) => return Err(error),
        Err(_) => None,
    };
    if let Some(in_app) = in_app {
        public.insert("inApp".to_owned(), in_app);
    }
    Ok(())
}

/// The form of NocoBase's sign-up page when nobody changed it.
fn default_signup_form() -> Value {
    json!([{
        "field": "username",
        "show": true,
        "required": true,
        "uiSchema": {
            "type": "string",
            "title": "{{t(\"Username\")}}",
            "x-component": "Input",
            "x-validator": {"username": true},
            "required": true,
        },
    }])
}

/// A kind of authenticator; the title is a template that the web client translates.
#[derive(Serialize)]
struct AuthType {
    name: String,
    title: String,
}

/// `authenticators:listTypes`: the kinds that can be added.
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
    if plugin::own_is_among(&settings.plugins) {
        types.extend(providers.iter().map(|provider| type_of(&**provider)));
    }
    types
}

fn auth_type(name: &str, title: &str, package_name: &str) -> AuthType {
    let title = format!("{{{{t(\"{title}\", {{\"ns\":\"{package_name}\"}})}}}}");
    AuthType {
        name: name.to_owned(),
        title,
    }
}

fn title_of(types: &[AuthType], name: &str) -> String {
    types
        .iter()
        .find(|kind| kind.name == name)
        .map(|kind| kind.title.clone())
        .unwrap_or_default()
}
