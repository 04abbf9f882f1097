//! The identity provider DingTalk: it identifies people who came back from its login page, or who
//! opened a page inside DingTalk's client.
//!
//! The steps are: code → unionId → the employee with this unionId → the organization's data about
//! the person. Only the first step differs between the two kinds of
//! [`Code`](crate::domain::identity_provider::Code). Only the last step, which uses the
//! application's token, says anything about the organization; what the person's own token shows is
//! personal and may belong to another company.

mod app_calls;
mod app_token;
mod breaker;
mod client;
mod configured_provider;
mod connection_failure;
mod connection_report;
mod directory;
mod endpoints;
mod error;
mod error_codes;
#[cfg(not(any(fuzzing, test)))]
mod events;
#[cfg(any(fuzzing, test))]
pub mod events;
mod findings;
mod identify;
mod limiter;
mod messages;
mod options;
mod permissions;
mod person;
mod quotable;
mod retry;
mod transport;
mod wire;

use std::borrow::Cow;

use serde_json::Value;

pub use client::DingTalkClient;
pub use endpoints::ENDPOINTS;
pub use options::DingTalkOptions;

use crate::domain::identity_provider::{
    ConfiguredProvider, Embedded, IdentityProvider, OptionProblem, OptionsError, ProviderNames,
};
pub use person::STABLE_ID_KEY;

use app_token::AppTokens;
use configured_provider::ConfiguredDingTalk;
use limiter::Limiter;

/// The names of the provider.
pub static NAMES: ProviderNames = ProviderNames {
    auth_type: "dingtalk",
    title: "DingTalk",
    resource: "dingtalk",
    code_prefix: "DINGTALK",
    // From DingTalk's page "Obtain user personal information".
    code_parameters: &["authCode", "code"],
};

/// The DingTalk identity provider.
#[derive(Clone)]
pub struct DingTalk {
    client: DingTalkClient,
    app_tokens: AppTokens,
    limiter: Limiter,
}

impl DingTalk {
    /// A provider that talks to DingTalk through `client`.
    pub fn new(client: DingTalkClient) -> Self {
        Self {
            client,
            app_tokens: AppTokens::new(),
            limiter: Limiter::default(),
        }
    }
}

impl IdentityProvider for DingTalk {
    fn names(&self) -> &'static ProviderNames {
        &NAMES
    }

    fn signs_in_inside(&self) -> bool {
        true
    }

    fn has_directory(&self) -> bool {
        true
    }

    fn carries_messages(&self) -> bool {
        true
    }

    fn schema(&self) -> &Value {
        options::form()
    }

    fn says_whose_people(&self) -> &[&'static str] {
        &["clientId", "corpId"]
    }

    fn secrets(&self) -> &[&'static str] {
        options::secrets()
    }

    fn without_legacy_groups<'a>(&self, options: &'a Value) -> Cow<'a, Value> {
        options::without_legacy_groups(options)
    }

    fn tidy(&self, options: &mut Value) {
        options::tidy(options);
    }

    fn problems(&self, options: &Value) -> Vec<OptionProblem> {
        options::problems_of(options)
    }

    fn problem_of_stored_secrets(&self, options: &Value, stored: &Value) -> Option<OptionProblem> {
        options::problem_of_stored_secret(options, stored)
    }

    fn roles_given(&self, options: &Value) -> Vec<String> {
        options::roles_given(options)
    }

    fn configure(&self, options: &Value) -> Result<Box<dyn ConfiguredProvider>, OptionsError> {
        let options = DingTalkOptions::parse(options)?;
        Ok(Box::new(ConfiguredDingTalk::new(self.clone(), options)))
    }

    /// The embedded login, as the page "Obtain user personal information" describes it.
    fn embedded(&self, options: &Value) -> Option<Embedded> {
        let wanted = options.pointer("/public/qrCode") == Some(&Value::Bool(true));
        let script = self.client.login_script().filter(|_| wanted)?;
        Some(Embedded {
            script: script.clone(),
            frame: self.client.login_host().clone(),
        })
    }

    fn breakers(&self) -> Vec<(&'static str, &'static str)> {
        self.client.breakers()
    }
}
