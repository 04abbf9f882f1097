//! Using a stored Client Secret that the administrator cannot read.

use serde_json::Value;

use crate::domain::identity_provider::OptionProblem;

/// Another client ID could be anybody's, and would get the secret to see.
const SECRET_AGAIN: &str = "{{field}} must be entered again, because the Client ID was changed";

/// What is wrong when the stored secret goes out with these options: only with the client ID that it is
/// stored with.
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
