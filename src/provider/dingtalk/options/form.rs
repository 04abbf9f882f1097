//! The form of a DingTalk authenticator: its options, and further information for the
//! administrator.

use std::sync::LazyLock;

use serde_json::{Value, json};

use super::super::permissions::PERMISSIONS;
use super::schema;

/// The page where an administrator registers the application.
const CONSOLE: &str = "https://open-dev.dingtalk.com/";

/// What an administrator does one after the other, each with a key that the page knows, its title and text, and the text
/// of a link to the console or to a place in the form.
const STEPS: [(&str, &str, &str, Option<&str>); 6] = [
    (
        "app",
        "Create an app at DingTalk",
        "Create an internal app in the developer console, and grant it these permissions.",
        Some("Open the DingTalk developer console"),
    ),
    (
        "keys",
        "Copy its keys here",
        "Client ID and Client Secret stand on the page of the app, under credentials.",
        Some("Show the apps"),
    ),
    (
        "address",
        "Register this address there",
        "Enter the Redirect URL in the security settings of the app, exactly as it stands here.",
        Some("Show the apps"),
    ),
    (
        "accounts",
        "Decide who gets an account",
        "While «Sign up automatically» below is off, only people who have an account get in.",
        Some("Go to the checkbox"),
    ),
    (
        "test",
        "Test",
        "The test says what is missing, before anybody signs in.",
        Some("Go to the test"),
    ),
    (
        "enable",
        "Enable it",
        "Check «Enabled» above and submit this form. Then the button is on the sign-in page.",
        None,
    ),
];

static FORM: LazyLock<Value> = LazyLock::new(make_form);

/// The JSON Schema of the options, with a field for the Redirect URL and, under `x-console`, what the administrator
/// has to do, and the permissions that the application needs.
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
    let step =
        |(key, title, text, link)| json!({"key": key, "title": title, "text": text, "link": link});
    let console = json!({
        "url": CONSOLE,
        "permissions": PERMISSIONS.map(permission),
        "steps": STEPS.map(step),
    });
    if let Some(form) = form.as_object_mut() {
        form.insert("x-console".to_owned(), console);
    }
    form
}
