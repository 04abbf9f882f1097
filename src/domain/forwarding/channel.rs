//! Channels of NocoBase's notifications whose type is this product's.
//!
//! NocoBase knows such a channel as one that puts messages into its inbox, with a mark in the options. So it finds the
//! receivers, fills in the texts and keeps its log as it does for its own channels; and without this server people
//! have their messages in the inbox still. Whoever looks through the gateway sees the channel with its own type.

use std::sync::LazyLock;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::domain::message::Way;
use crate::domain::plugin;
use crate::store::{InboxChannel, effective_state};

/// The option that marks a channel. One key, two kinds of rows: what this server keeps in options of NocoBase's rows
/// stands under this name, of a channel its type, and of an authenticator its state.
pub const MARK: &str = effective_state::OPTION;
/// The type of channels that put messages into NocoBase's inbox.
pub const IN_APP: &str = "in-app-message";
/// The type of this product's channels, as clients see it: that of its authenticators.
pub static TYPE: LazyLock<&'static str> = LazyLock::new(|| &plugin::manifest().auth_type);

/// What an administrator sets of a channel, in the order of the form.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ChannelOptions {
    /// Name of the authenticator.
    #[schemars(
        title = "Authenticator",
        description = "Whose app sends. Who is bound at it gets the messages."
    )]
    pub authenticator: String,
    /// How messages go to people.
    #[schemars(
        title = "Way of sending",
        description = "Work notifications need the Agent ID of the authenticator; the robot needs to be part of the app."
    )]
    #[serde(default)]
    pub way: Way,
    /// Whether who got a message in DingTalk keeps it in NocoBase's inbox.
    #[schemars(
        title = "Keep a copy in NocoBase's inbox",
        description = "Without this, messages leave the inbox once they are sent on. Who is not bound finds them there in any case."
    )]
    #[serde(default = "yes")]
    pub keep_copy: bool,
}

impl ChannelOptions {
    /// The options in stored or sent values, which may have more.
    pub fn parse(options: &Value) -> Result<Self, serde_json::Error> {
        Self::deserialize(options)
    }

    /// The options of a channel that has the mark, if they can be read.
    pub fn of(channel: &InboxChannel) -> Option<Self> {
        let options = channel.options.as_ref().filter(|it| is_marked(it))?;
        Self::parse(options).ok()
    }
}

fn yes() -> bool {
    true
}

/// Whether these are the options of a channel of this product.
pub fn is_marked(options: &Value) -> bool {
    options.get(MARK).and_then(|mark| mark.get("type")) == Some(&json!(*TYPE))
}

/// Marks options.
pub fn mark(options: &mut Value) {
    if let Some(options) = options.as_object_mut() {
        options.insert(MARK.to_owned(), json!({"type": *TYPE}));
    }
}

/// Takes the mark off options. True when it was there.
pub fn unmark(options: &mut Value) -> bool {
    let was_marked = is_marked(options);
    if let Some(options) = options.as_object_mut() {
        options.shift_remove(MARK);
    }
    was_marked
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_put_on_and_taken_off_and_the_rest_stays() {
        let mut options = json!({"authenticator": "ding", "more": 1});
        assert!(!is_marked(&options));
        mark(&mut options);
        assert!(is_marked(&options));
        assert!(unmark(&mut options));
        assert_eq!(options, json!({"authenticator": "ding", "more": 1}));
        // The state of an authenticator is kept under the same name, and is no mark of a channel.
        assert!(!is_marked(&json!({MARK: {"enabled": true}})));
        for none in [json!(null), json!([]), json!({MARK: "x"})] {
            assert!(!is_marked(&none), "{none}");
        }
    }

    #[test]
    fn only_the_authenticator_has_to_be_set() {
        let options = ChannelOptions::parse(&json!({"authenticator": "ding", "x": 1})).unwrap();
        let expected = ChannelOptions {
            authenticator: "ding".to_owned(),
            way: Way::WorkNotification,
            keep_copy: true,
        };
        assert_eq!(options, expected);
        for wrong in [
            json!({}),
            json!({"authenticator": 1}),
            json!({"authenticator": "ding", "way": "pigeon"}),
            json!({"authenticator": "ding", "keepCopy": "no"}),
            json!(null),
        ] {
            assert!(ChannelOptions::parse(&wrong).is_err(), "{wrong}");
        }
    }
}
