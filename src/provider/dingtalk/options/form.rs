//! The form of a DingTalk authenticator: its options, and further information for the
//! administrator.

use std::sync::LazyLock;

use serde_json::{Value, json};

use super::super::permissions::PERMISSIONS;
use super::schema;

/// The page where an administrator registers the application.
const CONSOLE: &str = "https://open-dev.dingtalk.com/";

static FORM: LazyLock<Value> = LazyLock::new(make_form);

/// The JSON Schema of the options, with a field for the Redirect URL and, under `x-console`, the
/// permissions that the application needs.
pub fn form() -> &'static Value {
    &FORM
}

fn make_form() -> Value {
    let mut form = schema().clone();
    if let Some(properties) = form.get_mut("properties").and_then(Value::as_object_mut) {
        let redirect_url = json!({
            "type": "string",
            "title": "Redirect URL",
            "description": "Register this address at the app in the DingTalk developer console.",
            "readOnly": true,
            "x-widget": "readOnly",
        });
        let after_keys = properties.keys().position(|key| key == "public");
        let place = after_keys.unwrap_or(properties.len());
        properties.shift_insert(place, "redirectUrl".to_owned(), redirect_url);
    }
    let permission = |(name, purpose)| json!({"name": name, "description": purpose});
    let console = json!({
        "url": CONSOLE,
        "permissions": PERMISSIONS.map(permission),
    });
    if let Some(form) = form.as_object_mut() {
        form.insert("x-console".to_owned(), console);
    }
    form
}
