//! The public view of providers' authenticators and of their types.

use entity::authenticator;
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::domain::identity_provider::{IdentityProvider, Providers, UnusableOptions, ready};
use crate::domain::{password, plugin};
use crate::state::AppState;
use crate::store::StoreError;

/// An authenticator as the sign-in page sees it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PublicAuthenticator<'a> {
    name: &'a str,
    auth_type: &'a str,
    auth_type_title: String,
    title: Option<&'a str>,
    options: Value,
}

/// The public view of an authenticator whose type has this title.
pub async fn shown<'a>(
    app: &AppState,
    row: &'a authenticator::Model,
    auth_type_title: String,
) -> Result<PublicAuthenticator<'a>, StoreError> {
    let mut options = public_options(&app.providers, &row.auth_type, &row.options);
    if let Some(provider) = app.providers.of_type(&row.auth_type)
        && let Some(fields) = options.as_object_mut()
    {
        add_in_app(app, &**provider, row, fields).await?;
        add_embedded(&**provider, row, fields);
    }
    Ok(PublicAuthenticator {
        name: &row.name,
        auth_type: &row.auth_type,
        auth_type_title,
        title: row.title.as_deref(),
        options,
    })
}

/// The public view of a provider's authenticator, for a list that the gateway or the standalone
/// server makes; none for an authenticator of another type.
pub async fn public_entry(
    app: &AppState,
    row: &authenticator::Model,
) -> Result<Option<Value>, StoreError> {
    let Some(provider) = app.providers.of_type(&row.auth_type) else {
        return Ok(None);
    };
    let title = type_of(&**provider).title;
    Ok(Some(json!(shown(app, row, title).await?)))
}

/// The types of all providers by their names, for a list that the gateway or the standalone server
/// makes.
pub fn provider_types(providers: &Providers) -> impl Iterator<Item = (&'static str, Value)> {
    providers
        .iter()
        .map(|provider| (provider.names().auth_type, json!(type_of(&**provider))))
}

/// This product's own plugin translates the title, whichever provider it is.
pub fn type_of(provider: &dyn IdentityProvider) -> AuthType {
    let names = provider.names();
    auth_type(names.auth_type, names.title, &plugin::manifest().name)
}

/// The public part of an authenticator's options. Nothing else leaves the server, except what pages
/// inside the provider's client need.
fn public_options(providers: &Providers, auth_type: &str, options: &Value) -> Value {
    let options = providers.without_legacy_groups(auth_type, options);
    let mut public = match options.get("public") {
        Some(public @ Value::Object(_)) => public.clone(),
        _ => json!({}),
    };
    if auth_type == password::AUTH_TYPE
        && let Some(fields) = public.as_object_mut()
    {
        // This server sends no mail that could carry a link, so the page must not offer one.
        fields.remove("enableResetPassword");
        fields
            .entry("signupForm")
            .or_insert_with(default_signup_form);
    }
    public
}

/// Adds what pages inside the provider's client need to sign people in there. Options that cannot
/// be used add nothing.
async fn add_in_app(
    app: &AppState,
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

/// Adds what the page has to load to show the provider's login inside itself, if the administrator
/// wants that.
fn add_embedded(
    provider: &dyn IdentityProvider,
    row: &authenticator::Model,
    public: &mut Map<String, Value>,
) {
    public.remove("embedded");
    if let Some(embedded) = provider.embedded(&row.options) {
        let script = json!({"script": embedded.script.as_str()});
        public.insert("embedded".to_owned(), script);
    }
}

/// The form of NocoBase's sign-up page as it is installed.
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

/// A type of authenticators. The title is a template that the web client translates.
#[derive(Serialize)]
pub struct AuthType {
    /// The name of the type, as authenticators store it.
    pub name: String,
    /// The title, as a template.
    pub title: String,
}

/// A type whose title this package translates.
pub fn auth_type(name: &str, title: &str, package_name: &str) -> AuthType {
    let title = format!("{{{{t(\"{title}\", {{\"ns\":\"{package_name}\"}})}}}}");
    AuthType {
        name: name.to_owned(),
        title,
    }
}
