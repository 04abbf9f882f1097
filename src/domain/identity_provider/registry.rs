//! The registry of providers.

use std::borrow::Cow;
use std::sync::Arc;

use serde_json::Value;

use super::{IdentityProvider, OptionProblem};
use crate::domain::environment::template;

/// The providers that a server has. The module `server` passes them in. Signing in with a password
/// is not one of them.
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

    /// The provider of authenticators with this type.
    pub fn of_type(&self, auth_type: &str) -> Option<&Arc<dyn IdentityProvider>> {
        self.iter()
            .find(|provider| provider.names().auth_type == auth_type)
    }

    /// Whether a provider has this type.
    pub fn has_type(&self, auth_type: &str) -> bool {
        self.of_type(auth_type).is_some()
    }

    /// The options of an authenticator with all values where this product's forms have them,
    /// whichever program wrote them.
    pub fn without_legacy_groups<'a>(&self, auth_type: &str, options: &'a Value) -> Cow<'a, Value> {
        match self.of_type(auth_type) {
            Some(provider) => provider.without_legacy_groups(options),
            None => Cow::Borrowed(options),
        }
    }

    /// The keys of secret options for this type of authenticator.
    pub fn secrets(&self, auth_type: &str) -> &[&'static str] {
        self.of_type(auth_type)
            .map_or(&[], |provider| provider.secrets())
    }

    /// Removes invisible characters that came with pasting from options, before they are stored.
    pub fn tidy(&self, auth_type: &str, options: &mut Value) {
        if let Some(provider) = self.of_type(auth_type) {
            provider.tidy(options);
        }
    }

    /// The problems of an authenticator's options.
    pub fn problems(&self, auth_type: &str, options: &Value) -> Vec<OptionProblem> {
        self.of_type(auth_type)
            .map_or_else(Vec::new, |provider| provider.problems(options))
    }

    /// The names of the roles that an authenticator gives to new accounts.
    pub fn roles_given(&self, auth_type: &str, options: &Value) -> Vec<String> {
        self.of_type(auth_type)
            .map_or_else(Vec::new, |provider| provider.roles_given(options))
    }

    /// Whether an authenticator identifies the same people with these options as with the others.
    pub fn identify_the_same_people(&self, auth_type: &str, one: &Value, other: &Value) -> bool {
        let Some(provider) = self.of_type(auth_type) else {
            return true;
        };
        let one = provider.without_legacy_groups(one);
        let other = provider.without_legacy_groups(other);
        let text = |options: &Value, key: &str| {
            let text = options.get(key).and_then(Value::as_str);
            text.unwrap_or_default().trim().to_owned()
        };
        let mut keys = provider.says_whose_people().iter();
        keys.all(|key| text(&one, key) == text(&other, key))
    }

    /// The names of the variables in the options that say whose people an authenticator identifies.
    pub fn variables_of_people(&self, auth_type: &str, options: &Value) -> Vec<String> {
        let Some(provider) = self.of_type(auth_type) else {
            return Vec::new();
        };
        let options = provider.without_legacy_groups(options);
        let keys = provider.says_whose_people().iter();
        let values = keys.filter_map(|key| options.get(*key));
        values.flat_map(template::names).collect()
    }

    /// Whether these options give people power over this server when they sign in.
    pub fn give_power(&self, auth_type: &str, options: &Value) -> bool {
        self.of_type(auth_type).is_some_and(|provider| {
            let configured = provider.configure(options);
            configured.is_ok_and(|configured| configured.rules().give_power())
        })
    }
}
