//! What a provider has unless it says otherwise, and what is shown of its options.

use std::sync::Arc;

use serde_json::json;

use super::*;
use crate::domain::test_provider::{AUTH_TYPE, TestProvider};

static NAMES: ProviderNames = ProviderNames {
    auth_type: "plain",
    title: "Plain",
    resource: "plain",
    code_prefix: "PLAIN",
    code_parameters: &["code"],
};

static SCHEMA: Value = Value::Null;

/// A provider with a secret that does no more than it must.
struct Plain;

impl IdentityProvider for Plain {
    fn names(&self) -> &'static ProviderNames {
        &NAMES
    }

    fn schema(&self) -> &Value {
        &SCHEMA
    }

    fn secrets(&self) -> &[&'static str] {
        &["key"]
    }

    fn problems(&self, _: &Value) -> Vec<OptionProblem> {
        Vec::new()
    }

    fn problem_of_stored_secrets(&self, _: &Value, _: &Value) -> Option<OptionProblem> {
        None
    }

    fn configure(&self, _: &Value) -> Result<Box<dyn ConfiguredProvider>, OptionsError> {
        Ok(Box::new(TestProvider::default()))
    }
}

fn providers() -> Providers {
    Providers::new(vec![Arc::new(Plain), Arc::new(TestProvider::default())])
}

#[tokio::test]
async fn a_provider_has_a_directory_and_sends_messages_and_events_only_if_it_says_so() {
    assert!(!Plain.has_directory());
    assert!(!Plain.carries_messages());
    let configured = Plain.configure(&json!({})).unwrap();
    assert_eq!(configured.event_application(), None);
    let checked = configured.check_events().await;
    assert!(matches!(checked, Err(StreamError::Unsupported)));
}

#[test]
fn a_type_is_that_of_a_provider_or_of_none() {
    for (auth_type, expected) in [
        (AUTH_TYPE, true),
        ("plain", true),
        ("SAML", false),
        ("", false),
    ] {
        assert_eq!(providers().has_type(auth_type), expected, "{auth_type}");
    }
}

#[test]
fn a_secret_is_masked_unless_it_is_empty_or_only_names_a_variable() {
    for (stored, shown) in [
        (json!("s3cret"), json!(MASK)),
        (json!("{{$env.KEY}} and more"), json!(MASK)),
        (json!(["s3cret"]), json!(MASK)),
        (json!(""), json!("")),
        (json!("{{$env.KEY}}"), json!("{{$env.KEY}}")),
    ] {
        let options = json!({"key": stored, "id": "s3cret"});
        let masked = providers().masked("plain", &options);
        assert_eq!(masked, json!({"key": shown, "id": "s3cret"}));
        // Of another type it is no secret.
        assert_eq!(providers().masked(AUTH_TYPE, &options), options);
    }
    let without = json!({"id": "x"});
    assert_eq!(providers().masked("plain", &without), without);
}
