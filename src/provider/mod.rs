//! Identity providers: each says who somebody is, none decides who gets in.

pub mod dingtalk;
pub mod password;

use std::borrow::Cow;

use serde_json::Value;

/// Whether a provider here handles authenticators of this type.
pub fn is_known(auth_type: &str) -> bool {
    [password::AUTH_TYPE, dingtalk::AUTH_TYPE].contains(&auth_type)
}

/// Options of this type of authenticator that are secret.
pub fn secret_options(auth_type: &str) -> &'static [&'static str] {
    if auth_type == dingtalk::AUTH_TYPE {
        dingtalk::secrets()
    } else {
        &[]
    }
}

/// The options of an authenticator as our forms have them, whoever wrote them.
pub fn inherited<'a>(auth_type: &str, options: &'a Value) -> Cow<'a, Value> {
    if auth_type == dingtalk::AUTH_TYPE {
        dingtalk::inherited(options)
    } else {
        Cow::Borrowed(options)
    }
}

/// What is wrong with the options of an authenticator: title of the option, and the rule that it
/// breaks.
pub fn problems_of_options(auth_type: &str, options: &Value) -> Vec<(&'static str, &'static str)> {
    if auth_type == dingtalk::AUTH_TYPE {
        let problems = dingtalk::problems_of(options).into_iter();
        problems
            .map(|problem| (problem.title, problem.rule))
            .collect()
    } else {
        Vec::new()
    }
}

/// Names of the roles that an authenticator gives to new accounts.
pub fn roles_given(auth_type: &str, options: &Value) -> Vec<String> {
    if auth_type == dingtalk::AUTH_TYPE {
        dingtalk::roles_given(options)
    } else {
        Vec::new()
    }
}

/// Whether people get power over this server by signing in with these options.
pub fn gives_power(auth_type: &str, options: &Value) -> bool {
    auth_type == dingtalk::AUTH_TYPE
        && dingtalk::DingTalkOptions::parse(options).is_ok_and(|options| options.gives_power())
}
