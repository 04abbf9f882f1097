//! The providers that a server has.

use std::borrow::Cow;
use std::sync::Arc;

use serde_json::Value;

use super::{IdentityProvider, OptionProblem};

/// The providers that a server has, which the composition hands in. The password is none of them.
#[derive(Clone, Default)]
pub struct Providers(Arc<[Arc<dyn IdentityProvider>]>);

impl Providers {
    /// These providers.
    pub fn new(all: Vec<Arc<dyn IdentityProvider>>) -> Self {
        Self(all.into())
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<dyn IdentityProvider>> {
        self.0.iter()
    }

    /// The provider that authenticators of this type belong to.
    pub fn of_type(&self, auth_type: &str) -> Option<&Arc<dyn IdentityProvider>> {
        self.iter()
            .find(|provider| provider.names().auth_type == auth_type)
    }

    /// Whether authenticators of this type belong to one of them.
    pub fn has_type(&self, auth_type: &str) -> bool {
        self.of_type(auth_type).is_some()
    }

    /// The options of an authenticator as our forms have them, whoever wrote them.
    pub fn without_legacy_groups<'a>(&self, auth_type: &str, options: &'a Value) -> Cow<'a, Value> {
        match self.of_type(auth_type) {
            Some(provider) => provider.without_legacy_groups(options),
            None => Cow::Borrowed(options),
        }
    }

    /// Keys of options of this type of authenticator that are secret.
    pub fn secrets(&self, auth_type: &str) -> &[&'static str] {
        self.of_type(auth_type)
            .map_or(&[], |provider| provider.secrets())
    }

    /// Takes out of options what came with pasting, before they are stored.
    pub fn tidy(&self, auth_type: &str, options: &mut Value) {
        if let Some(provider) = self.of_type(auth_type) {
            provider.tidy(options);
        }
    }

    /// What is wrong with the options of an authenticator.
    pub fn problems(&self, auth_type: &str, options: &Value) -> Vec<OptionProblem> {
        self.of_type(auth_type)
            .map_or_else(Vec::new, |provider| provider.problems(options))
    }

    /// Names of the roles that an authenticator gives to new accounts.
    pub fn roles_given(&self, auth_type: &str, options: &Value) -> Vec<String> {
        self.of_type(auth_type)
            .map_or_else(Vec::new, |provider| provider.roles_given(options))
    }

    /// Whether people get power over this server by signing in with these options.
    pub fn give_power(&self, auth_type: &str, options: &Value) -> bool {
        self.of_type(auth_type).is_some_and(|provider| {
            let configured = provider.configure(options);
            configured.is_ok_and(|configured| configured.rules().give_power())
        })
    }
}
