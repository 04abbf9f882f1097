//! A provider for tests of the domain. It carries messages, and says of them what a test tells it.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use entity::user_authenticator;
use serde_json::Value;
use url::Url;

use super::identity::Identity;
use super::identity_provider::{
    Code, ConfiguredProvider, IdentifyError, IdentityProvider, OptionProblem, OptionsError,
    ProviderNames, Tested, Unidentified,
};
use super::message::{
    Accepted, Failed, Message, MessageOutcome, Messenger, Reason, SendError, Way,
};
use super::sign_in_rules::Rules;

/// The type of its authenticators.
pub(super) const AUTH_TYPE: &str = "company";

static NAMES: ProviderNames = ProviderNames {
    auth_type: AUTH_TYPE,
    title: "Company",
    resource: "company",
    code_prefix: "COMPANY",
    code_parameters: &["code"],
};

/// Its authenticators have no options.
static SCHEMA: Value = Value::Null;

/// The provider. Clones are the same one.
#[derive(Clone, Default)]
pub(super) struct TestProvider {
    /// What it knows of messages.
    pub outcome: Arc<Mutex<MessageOutcome>>,
    /// How often it was asked for that.
    pub asked: Arc<AtomicUsize>,
    /// Whether it accepts no messages for minutes.
    pub is_banned: bool,
    /// What its authenticators give to the people whom they let in.
    pub rules: Rules,
}

impl IdentityProvider for TestProvider {
    fn names(&self) -> &'static ProviderNames {
        &NAMES
    }

    fn carries_messages(&self) -> bool {
        true
    }

    fn schema(&self) -> &Value {
        &SCHEMA
    }

    fn secrets(&self) -> &[&'static str] {
        &[]
    }

    fn problems(&self, _: &Value) -> Vec<OptionProblem> {
        Vec::new()
    }

    fn problem_of_stored_secrets(&self, _: &Value, _: &Value) -> Option<OptionProblem> {
        None
    }

    fn configure(&self, _: &Value) -> Result<Box<dyn ConfiguredProvider>, OptionsError> {
        Ok(Box::new(self.clone()))
    }
}

#[async_trait]
impl ConfiguredProvider for TestProvider {
    fn authorization_url(&self, _: &str, _: &str) -> Url {
        Url::parse("https://company.example/").unwrap()
    }

    async fn identify(&self, _: Code<'_>) -> Result<Identity, IdentifyError> {
        let why = "nobody signs in here";
        Err(IdentifyError::new(Unidentified::NotMember, why))
    }

    fn rules(&self) -> Rules {
        self.rules.clone()
    }

    fn messenger(&self, _: Way) -> Option<Box<dyn Messenger>> {
        Some(Box::new(self.clone()))
    }

    async fn test_connection(&self) -> Tested {
        Tested::default()
    }
}

#[async_trait]
impl Messenger for TestProvider {
    fn most_receivers(&self) -> usize {
        100
    }

    fn drops_repetitions(&self) -> bool {
        false
    }

    async fn receiver(
        &self,
        binding: &user_authenticator::Model,
    ) -> Result<Option<String>, SendError> {
        Ok(Some(binding.uuid.clone()))
    }

    async fn turn(&self, _: usize) -> Result<(), SendError> {
        if self.is_banned {
            let why = "too many calls";
            return Err(SendError::new(Failed::ForMinutes, Reason::Banned, why));
        }
        Ok(())
    }

    async fn send(&self, _: &Message, _: usize, _: &[String]) -> Result<Accepted, SendError> {
        Ok(Accepted::default())
    }

    async fn ready(&self) -> Result<(), SendError> {
        Ok(())
    }

    async fn outcome(&self, _: &str) -> Result<MessageOutcome, SendError> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        Ok(self.outcome.lock().unwrap().clone())
    }
}
