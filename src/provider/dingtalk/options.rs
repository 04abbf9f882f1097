//! The options of a DingTalk authenticator, as they stand in `authenticators.options`.

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::Value;
use validator::{Validate, ValidationError};

/// Longest identifier and secret; DingTalk's have 20 and 64 characters.
const LONGEST: usize = 256;

/// What an administrator sets. Only what is under `public` may be shown to visitors.
#[derive(Clone, Debug, Deserialize, Validate)]
#[serde(rename_all = "camelCase")]
#[validate(schema(function = "secret_is_set"))]
pub struct DingTalkOptions {
    /// Client ID of the application (also called `AppKey`).
    #[validate(length(min = 1, max = 128, message = "Client ID is required"))]
    pub client_id: String,
    /// Client Secret of the application (also called `AppSecret`).
    pub client_secret: SecretString,
    /// The organisation; when set, the person must have chosen this one while signing in.
    #[serde(default)]
    #[validate(length(max = 128, message = "Corp ID is too long"))]
    pub corp_id: Option<String>,
    /// Which identifier ties an account to a person.
    #[serde(default)]
    pub bind_by: BindBy,
    /// Which existing accounts a person who signs in for the first time gets.
    #[serde(default)]
    pub link_existing: LinkExisting,
    /// What visitors may know.
    #[serde(default)]
    pub public: PublicOptions,
}

/// The part that anonymous visitors may see.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PublicOptions {
    /// Whether a member of the organisation without an account gets one.
    #[serde(default)]
    pub auto_signup: bool,
}

/// An identifier of a person.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum BindBy {
    /// The organisation's own, `userid`.
    #[default]
    #[serde(alias = "userid")]
    UserId,
    /// The one that all applications of a developer share.
    #[serde(alias = "unionid")]
    UnionId,
    /// The phone number that the organisation keeps.
    Mobile,
}

/// How an existing account is found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum LinkExisting {
    /// By the phone number that the organisation keeps.
    #[default]
    Phone,
    /// Never: only bound accounts and new ones.
    Off,
}

impl DingTalkOptions {
    /// Reads and checks stored options.
    pub fn parse(options: &Value) -> Result<Self, OptionsError> {
        // A message of serde may quote what it read, and a secret may stand there.
        let options = Self::deserialize(options).map_err(|error| {
            OptionsError(error.to_string().split('`').nth(1).map_or_else(
                || "an option has a wrong type".to_owned(),
                |field| format!("option {field}"),
            ))
        })?;
        options.validate().map_err(|errors| {
            let errors = errors.field_errors();
            // A rule about the whole says by its code which field it means.
            let named = errors.iter().flat_map(|(field, errors)| {
                errors.iter().map(move |error| {
                    if *field == "__all__" {
                        error.code.to_string()
                    } else {
                        field.to_string()
                    }
                })
            });
            OptionsError(format!("option {}", named.collect::<Vec<_>>().join(", ")))
        })?;
        Ok(options)
    }

    /// The configured organisation, unless the field was left empty.
    pub fn corp_id(&self) -> Option<&str> {
        self.corp_id
            .as_deref()
            .map(str::trim)
            .filter(|id| !id.is_empty())
    }

    /// The secret itself.
    pub fn client_secret(&self) -> &str {
        self.client_secret.expose_secret()
    }
}

/// What is wrong with options that an administrator wants to store: title of each, and the rule
/// that it breaks.
pub fn problems_of(options: &Value) -> Vec<(&'static str, &'static str)> {
    let mut problems = Vec::new();
    for (key, title) in [("clientId", "Client ID"), ("clientSecret", "Client Secret")] {
        match options.get(key) {
            Some(Value::String(text)) if text.chars().count() > LONGEST => {
                problems.push((title, WRONG));
            }
            Some(Value::String(text)) if !text.trim().is_empty() => {}
            Some(Value::String(_) | Value::Null) | None => problems.push((title, REQUIRED)),
            Some(_) => problems.push((title, WRONG)),
        }
    }
    if problems.is_empty() && DingTalkOptions::parse(options).is_err() {
        problems.push(("options", WRONG));
    }
    problems
}

const REQUIRED: &str = "{{field}} cannot be null";
const WRONG: &str = "{{field}} is not valid";

/// Options that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the authenticator's options are incomplete or wrong: {0}")]
pub struct OptionsError(String);

/// The secret is checked apart: a rule on the field would keep a copy of it in the error.
fn secret_is_set(options: &DingTalkOptions) -> Result<(), ValidationError> {
    if options.client_secret().trim().is_empty() {
        return Err(ValidationError::new("client_secret"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_defaults_are_the_strict_ones() {
        let options =
            DingTalkOptions::parse(&json!({"clientId": "ding1", "clientSecret": "s"})).unwrap();
        assert_eq!(options.bind_by, BindBy::UserId);
        assert_eq!(options.link_existing, LinkExisting::Phone);
        assert!(!options.public.auto_signup);
        assert_eq!(options.corp_id(), None);
    }

    #[test]
    fn what_is_wrong_is_named_without_its_value() {
        for (options, named) in [
            (json!({"clientId": "ding1"}), "clientSecret"),
            (
                json!({"clientId": "ding1", "clientSecret": " "}),
                "client_secret",
            ),
            (json!({"clientId": "", "clientSecret": "s"}), "client_id"),
            (
                json!({"clientId": "ding1", "clientSecret": {"hunter2": 1}}),
                "type",
            ),
            (json!("hunter2"), "type"),
        ] {
            let text = DingTalkOptions::parse(&options).unwrap_err().to_string();
            assert!(text.contains(named), "{options} gave {text}");
            assert!(!text.contains("hunter2"), "{text}");
        }
    }
}
