//! What anybody may see of authenticators, and the types there are.

use actix_web::HttpResponse;
use entity::authenticator;
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::api::dingtalk::options_in_use;
use crate::api::{ApiError, Call, envelope};
use crate::app::App;
use crate::domain::plugin;
use crate::provider::dingtalk::DingTalkOptions;
use crate::provider::{self, password};
use crate::store::Settings;

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
    let settings = call.app.store.settings().await?;
    let kept = &call.app.answers.public_list;
    if let Some(answer) = kept.kept(&settings) {
        return answer.response();
    }
    let types = types(&settings);
    let own = &plugin::manifest().auth_type;
    let offered = settings
        .authenticators
        .iter()
        .filter(|row| row.auth_type != *own || types.iter().any(|kind| kind.name == *own));
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
) -> Result<PublicAuthenticator<'a>, ApiError> {
    let mut options = public_options(&row.auth_type, &row.options);
    if row.auth_type == plugin::manifest().auth_type
        && let Some(fields) = options.as_object_mut()
    {
        add_in_app(app, row, fields).await?;
    }
    Ok(PublicAuthenticator {
        name: &row.name,
        auth_type: &row.auth_type,
        auth_type_title,
        title: row.title.as_deref(),
        options,
    })
}

/// An authenticator of our own type, in a list that somebody else makes.
pub(crate) async fn public_entry(app: &App, row: &authenticator::Model) -> Result<Value, ApiError> {
    Ok(json!(shown(app, row, own().title).await?))
}

/// Our own type, in a list that somebody else makes.
pub(crate) fn own_type() -> Value {
    json!(own())
}

fn own() -> AuthType {
    let own = plugin::manifest();
    auth_type(&own.auth_type, "DingTalk", &own.name)
}

/// The public part of an authenticator's options. Nothing else ever leaves, but what DingTalk's
/// client has to be told where people are signed in inside DingTalk.
fn public_options(auth_type: &str, options: &Value) -> Value {
    let options = provider::inherited(auth_type, options);
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

/// What DingTalk's client has to be told, where people are signed in inside DingTalk. Options that
/// cannot be used say nothing.
async fn add_in_app(
    app: &App,
    row: &authenticator::Model,
    public: &mut Map<String, Value>,
) -> Result<(), ApiError> {
    public.remove("inApp");
    if public.get("autoSignIn") != Some(&Value::Bool(true)) {
        return Ok(());
    }
    let options = options_in_use(app, &row.options).await.ok();
    if let Some(in_app) = options.as_ref().and_then(DingTalkOptions::in_app) {
        public.insert("inApp".to_owned(), json!(in_app));
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
    Ok(envelope::data(types(&settings)))
}

fn types(settings: &Settings) -> Vec<AuthType> {
    let mut types = vec![auth_type(
        password::AUTH_TYPE,
        "Password",
        "@nocobase/plugin-auth",
    )];
    if plugin::own_is_among(&settings.plugins) {
        types.push(own());
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
