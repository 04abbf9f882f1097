//! What anybody may see of authenticators, and the types there are.

use actix_web::HttpResponse;
use serde::Serialize;
use serde_json::{Value, json};

use crate::api::{ApiError, Call, envelope};
use crate::domain::plugin;
use crate::provider::password;

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
/// pages do not load the module that signs in through DingTalk, so what needs it is not offered.
pub async fn public_list(call: Call) -> Result<HttpResponse, ApiError> {
    let rows = call.app.store.enabled_authenticators().await?;
    let types = types(&call).await?;
    let own = &plugin::manifest().auth_type;
    let offered = rows
        .iter()
        .filter(|row| row.auth_type != *own || types.iter().any(|kind| kind.name == *own));
    let shown = offered.map(|row| PublicAuthenticator {
        name: &row.name,
        auth_type: &row.auth_type,
        // An empty title tells the client that nothing here handles the type.
        auth_type_title: title_of(&types, &row.auth_type),
        title: row.title.as_deref(),
        options: public_options(&row.auth_type, &row.options),
    });
    Ok(envelope::data(shown.collect::<Vec<_>>()))
}

/// The public part of an authenticator's options. Nothing else ever leaves.
fn public_options(auth_type: &str, options: &Value) -> Value {
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
    Ok(envelope::data(types(&call).await?))
}

async fn types(call: &Call) -> Result<Vec<AuthType>, ApiError> {
    let mut types = vec![auth_type(
        password::AUTH_TYPE,
        "Password",
        "@nocobase/plugin-auth",
    )];
    let own = plugin::manifest();
    if plugin::own_is_enabled(&call.app.store).await? {
        types.push(auth_type(&own.auth_type, "DingTalk", &own.name));
    }
    Ok(types)
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
