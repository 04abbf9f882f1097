//! Identity providers: each says who somebody is, none decides who gets in.

pub mod dingtalk;
pub mod password;

use serde_json::Value;

/// Whether a provider here handles authenticators of this type.
pub fn is_known(auth_type: &str) -> bool {
    [password::AUTH_TYPE, dingtalk::AUTH_TYPE].contains(&auth_type)
}

/// Options of this type of authenticator that are secret.
pub fn secret_options(auth_type: &str) -> &'static [&'static str] {
    if auth_type == dingtalk::AUTH_TYPE {
        &["clientSecret"]
    } else {
        &[]
    }
}

/// What is wrong with the options of an authenticator: title of the option, and the rule that it
/// breaks.
pub fn problems_of_options(auth_type: &str, options: &Value) -> Vec<(&'static str, &'static str)> {
    if auth_type == dingtalk::AUTH_TYPE {
        dingtalk::problems_of(options)
    } else {
        Vec::new()
    }
}
