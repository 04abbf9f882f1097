//! The options for events: how a source learns of changes as they happen.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::SourceOptions;
use crate::domain::events::CallbackSecrets;
use crate::domain::identity_provider::MASK;

/// The keys of secrets below `events`.
const SECRETS: [&str; 2] = ["token", "aesKey"];

/// How events reach a source.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum EventMode {
    /// There are no events: changes are found by runs.
    #[default]
    #[schemars(title = "Off")]
    Off,
    /// Over a connection that this server opens to the provider.
    #[schemars(title = "Stream (recommended)")]
    Stream,
    /// The provider calls this server.
    #[schemars(title = "HTTP callback")]
    Callback,
}

/// The options for events.
#[derive(Clone, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct EventOptions {
    /// How events reach the source.
    #[schemars(title = "How changes are told", description = "-", extend("x-group" = "events"))]
    pub mode: EventMode,
    /// The secret that signs callbacks.
    #[schemars(
        title = "Callback token",
        description = "3 to 64 letters and digits. Enter the same in the developer console.",
        extend("x-widget" = "secret", "x-group" = "events", "x-when" = {"events.mode": ["callback"]})
    )]
    pub token: String,
    /// The secret that encrypts callbacks.
    #[schemars(
        title = "Callback encryption key",
        description = "43 letters and digits, aes_key in the developer console. Enter the same there.",
        extend("x-widget" = "secret", "x-group" = "events", "x-when" = {"events.mode": ["callback"]})
    )]
    pub aes_key: String,
}

impl EventOptions {
    /// The secrets that the provider and this server share for callbacks.
    pub fn secrets(&self) -> CallbackSecrets<'_> {
        CallbackSecrets {
            token: &self.token,
            key: &self.aes_key,
        }
    }
}

/// Shows no secret.
impl fmt::Debug for EventOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventOptions")
            .field("mode", &self.mode)
            .finish_non_exhaustive()
    }
}

impl SourceOptions {
    /// Replaces each secret in stored options with a mask. Secrets that are not set are left out, so
    /// that a form shows its suggestions.
    pub fn masked(mut options: Value) -> Value {
        let events = options.get_mut("events").and_then(Value::as_object_mut);
        if let Some(events) = events {
            for secret in SECRETS {
                match events.get_mut(secret) {
                    Some(value) if value.as_str() != Some("") => *value = Value::from(MASK),
                    _ => {
                        events.remove(secret);
                    }
                }
            }
        }
        options
    }

    /// Replaces masks with the stored secrets. New secrets count with callbacks only: with another
    /// mode they are suggestions of a form that did not show them, and would be masked from then on.
    pub fn keep_masked(&mut self, stored: Option<&Self>) {
        let kept = stored.map(|stored| &stored.events);
        let events = &mut self.events;
        let is_seen = events.mode == EventMode::Callback;
        let settle = |secret: &mut String, kept: Option<&String>| {
            if secret == MASK {
                *secret = kept.cloned().unwrap_or_default();
            } else if !is_seen {
                secret.clear();
            }
        };
        settle(&mut events.token, kept.map(|kept| &kept.token));
        settle(&mut events.aes_key, kept.map(|kept| &kept.aes_key));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn secrets_go_in_and_never_come_out_again() {
        let sent = json!({"events": {"mode": "callback", "token": "abc", "aesKey": "key"}});
        let stored = SourceOptions::parse(&sent).unwrap();
        assert!(!format!("{stored:?}").contains("abc"));
        let shown = SourceOptions::masked(serde_json::to_value(&stored).unwrap());
        assert_eq!(
            shown["events"],
            json!({"mode": "callback", "token": MASK, "aesKey": MASK})
        );
        let mut again = SourceOptions::parse(&shown).unwrap();
        again.keep_masked(Some(&stored));
        assert_eq!(again, stored);
        let mut first = SourceOptions::parse(&shown).unwrap();
        first.keep_masked(None);
        assert_eq!(first.events.token, "");
        let other = json!({"events": {"mode": "stream", "token": MASK, "aesKey": "suggested"}});
        let mut other = SourceOptions::parse(&other).unwrap();
        other.keep_masked(Some(&stored));
        assert_eq!(other.events.token, "abc", "it is kept for later");
        assert_eq!(other.events.aes_key, "", "nobody has seen it");
        let none = SourceOptions::masked(json!({"events": {"token": ""}}));
        assert_eq!(none, json!({"events": {}}));
        assert_eq!(SourceOptions::masked(json!({})), json!({}));
    }
}
