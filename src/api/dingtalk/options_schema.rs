//! `dingtalk:optionsSchema` — the form of a DingTalk authenticator, as data.

use actix_web::HttpResponse;
use serde_json::{Value, json};

use super::redirect_url;
use crate::api::{ApiError, Call, envelope};
use crate::config::Origin;
use crate::domain::role;
use crate::provider::dingtalk::{self, PERMISSIONS};

/// Where an administrator registers the application.
const CONSOLE: &str = "https://open-dev.dingtalk.com/";

/// `dingtalk:optionsSchema`: the JSON Schema of the options, with the roles that there are, the
/// permissions that the application needs, and the Redirect URL. `callbackOrigin` is what the form
/// says at the moment; while that is no origin, the Redirect URL is the one without it.
pub async fn options_schema(call: Call) -> Result<HttpResponse, ApiError> {
    let callback_origin = call.query.get("callbackOrigin").and_then(usable_origin);
    let mut schema = dingtalk::schema().clone();
    if let Some(roles) = schema.pointer_mut("/properties/newUserRoles/items") {
        *roles = json!({"type": "string", "oneOf": role_choices(&call).await?});
    }
    if let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) {
        let redirect_url = json!({
            "type": "string",
            "title": "Redirect URL",
            "description": "Register this address at the app in the DingTalk developer console.",
            "const": redirect_url(&call, callback_origin.as_ref())?,
            "readOnly": true,
            "x-widget": "readOnly",
        });
        properties.insert("redirectUrl".to_owned(), redirect_url);
    }
    let permission = |(name, purpose)| json!({"name": name, "description": purpose});
    let console = json!({
        "url": CONSOLE,
        "permissions": PERMISSIONS.map(permission),
    });
    if let Some(schema) = schema.as_object_mut() {
        schema.insert("x-console".to_owned(), console);
    }
    Ok(envelope::data(schema))
}

/// By the rules of the option itself.
fn usable_origin(text: &str) -> Option<Origin> {
    let alone = json!({"clientId": "x", "clientSecret": "x", "callbackOrigin": text});
    dingtalk::DingTalkOptions::parse(&alone)
        .ok()?
        .callback_origin
}

/// Every role but root, whose title is a template in an installation that nobody changed.
async fn role_choices(call: &Call) -> Result<Vec<Value>, ApiError> {
    let roles = call.app.store.roles().await?;
    let roles = roles.into_iter().filter(|role| role.name != role::ROOT);
    Ok(roles
        .map(|role| {
            let title = role.title.filter(|title| !title.contains("{{"));
            json!({"const": role.name, "title": title.unwrap_or_else(|| role.name.clone())})
        })
        .collect())
}
