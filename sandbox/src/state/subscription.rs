//! Which events an application gets, and how.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::{
    callback_crypto::{CallbackKeys, CryptoError},
    state::event::Form,
};

/// Stands for every event.
const ANY: &str = "*";

/// What an administrator saves on the page «Event subscription» of the developer console.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Subscription {
    /// How; one way for all events of an application.
    pub push: Push,
    /// The events that are ticked; `*`, and if nothing is said: all.
    #[serde(default = "all")]
    pub types: BTreeSet<String>,
    /// In which form they are told.
    #[serde(default)]
    pub form: Form,
}

/// A way to tell events.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "mode")]
pub enum Push {
    /// None are.
    Off,
    /// Through a connection that the application keeps open.
    Stream,
    /// By a call of an address of the application.
    Http(Callback),
}

/// Where and how callbacks are sent.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Callback {
    /// The application's address.
    pub url: String,
    /// Text that is mixed into signatures.
    #[serde(skip_serializing)]
    pub token: String,
    /// The key, 43 letters and digits.
    #[serde(skip_serializing)]
    pub aes_key: String,
    /// Whose messages these are.
    #[serde(default)]
    pub owner: Owner,
    /// How the signature is called in the query.
    #[serde(default)]
    pub signature: SignatureName,
}

/// What stands at the end of each encrypted message.
#[derive(Clone, Copy, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Owner {
    /// The Client ID, for what was saved in the console.
    #[default]
    ClientId,
    /// The Corp ID, for what was registered by `register_call_back`.
    CorpId,
}

/// How the signature is called. Older pages say `signature`, the handler that DingTalk publishes reads `msg_signature`.
#[derive(Clone, Copy, Default, Serialize, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub enum SignatureName {
    /// Both names, with one value.
    #[default]
    Both,
    /// The old name.
    Signature,
    /// The new name.
    MsgSignature,
}

fn all() -> BTreeSet<String> {
    BTreeSet::from([ANY.to_owned()])
}

impl Default for Subscription {
    fn default() -> Self {
        Self {
            push: Push::Stream,
            types: all(),
            form: Form::default(),
        }
    }
}

impl Subscription {
    /// Whether an event is told at all.
    pub fn wants(&self, event_type: &str) -> bool {
        !matches!(self.push, Push::Off)
            && (self.types.contains(ANY) || self.types.contains(event_type))
    }
}

impl Callback {
    /// The keys that messages to this application are made with.
    pub fn keys(&self, client_id: &str, corp_id: &str) -> Result<CallbackKeys, CryptoError> {
        let owner = match self.owner {
            Owner::ClientId => client_id,
            Owner::CorpId => corp_id,
        };
        CallbackKeys::new(&self.token, &self.aes_key, owner)
    }
}
