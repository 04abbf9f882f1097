//! Using a stored Client Secret that the administrator cannot read.

use serde_json::Value;

use crate::domain::identity_provider::OptionProblem;

/// The problem: with another Client ID, the secret could be sent to a stranger's application.
const SECRET_AGAIN: &str = "{{field}} must be entered again, because the Client ID was changed";

/// The problem of using the stored secret with these options. It may only be used with the Client
/// ID with which it was stored.
pub fn problem_of_stored_secret(options: &Value, stored: &Value) -> Option<OptionProblem> {
    let client_id = |options: &Value| {
        let id = options.get("clientId").and_then(Value::as_str);
        id.map(|id| id.trim().to_owned())
    };
    (client_id(options) != client_id(stored)).then_some(OptionProblem {
        path: "clientSecret",
        title: "Client Secret",
        rule: SECRET_AGAIN,
    })
}
