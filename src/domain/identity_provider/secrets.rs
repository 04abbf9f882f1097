//! Secrets in options, which can be written and never read.

use serde_json::Value;

use super::Providers;
use crate::domain::environment;

/// The mask that is shown in place of a secret. When a client sends it back, the stored secret is
/// kept.
pub const MASK: &str = "********";

impl Providers {
    /// The options of an authenticator, with a mask in place of each secret that is set.
    pub fn masked(&self, auth_type: &str, options: &Value) -> Value {
        let mut options = self.without_legacy_groups(auth_type, options).into_owned();
        for secret in self.secrets(auth_type) {
            // A variable is shown, because it only names the secret.
            let set = |value: &&mut Value| {
                let text = value.as_str();
                text.is_none_or(|text| !text.is_empty() && !environment::is_variable(text))
            };
            if let Some(value) = options.get_mut(*secret).filter(set) {
                *value = Value::from(MASK);
            }
        }
        options
    }

    /// Replaces each mask by the stored secret. A mask without a stored secret is removed.
    pub fn keep_masked(&self, auth_type: &str, options: &mut Value, stored: Option<&Value>) {
        let Some(options) = options.as_object_mut() else {
            return;
        };
        let stored = stored.map(|stored| self.without_legacy_groups(auth_type, stored));
        for secret in self.secrets(auth_type) {
            if options.get(*secret).and_then(Value::as_str) != Some(MASK) {
                continue;
            }
            match stored.as_ref().and_then(|stored| stored.get(*secret)) {
                Some(kept) => options.insert((*secret).to_owned(), kept.clone()),
                None => options.remove(*secret),
            };
        }
    }
}
