//! Which events an application receives, and how.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::{
    callback_crypto::{CallbackKeys, CryptoError},
    state::event::EventForm,
};

/// Stands for every event.
const ANY: &str = "*";

/// The settings of an application on the page «Event subscription» of the developer console.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Subscription {
    /// How all events of the application are delivered.
    pub push: Push,
    /// The names of the events; `*`, which is the default, stands for all.
    #[serde(default = "all")]
    pub types: BTreeSet<String>,
    /// The form of the events.
    #[serde(default)]
    pub form: EventForm,
}

/// A way to deliver events.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "mode")]
pub enum Push {
    /// No events are delivered.
    Off,
    /// Over a connection that the application keeps open.
    Stream,
    /// By calling an address of the application.
    Http(Callback),
}

/// Where and how callbacks are sent.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Callback {
    /// The address of the application.
    pub url: String,
    /// The token, which is part of every signature.
    #[serde(skip_serializing)]
    pub token: String,
    /// The key, 43 letters and digits.
    #[serde(skip_serializing)]
    pub aes_key: String,
    /// The owner, which is at the end of every encrypted message.
    #[serde(default)]
    pub owner: Owner,
    /// The name of the signature in the query.
    #[serde(default)]
    pub signature: SignatureName,
}

/// The owner at the end of every encrypted message.
#[derive(Clone, Copy, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Owner {
    /// The client ID, for settings of the developer console.
    #[default]
    ClientId,
    /// The corp ID, for addresses that were registered with `register_call_back`.
    CorpId,
}

/// The name of the signature in the query. Older pages say `signature`, but the handler that
/// DingTalk publishes reads `msg_signature`.
#[derive(Clone, Copy, Default, Serialize, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub enum SignatureName {
    /// Both names, with the same value.
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
            form: EventForm::default(),
        }
    }
}

impl Subscription {
    /// Whether an event is delivered at all.
    pub fn wants(&self, event_type: &str) -> bool {
        !matches!(self.push, Push::Off)
            && (self.types.contains(ANY) || self.types.contains(event_type))
    }
}

impl Callback {
    /// The keys for messages to this application.
    pub fn keys(&self, client_id: &str, corp_id: &str) -> Result<CallbackKeys, CryptoError> {
        let owner = match self.owner {
            Owner::ClientId => client_id,
            Owner::CorpId => corp_id,
        };
        CallbackKeys::new(&self.token, &self.aes_key, owner)
    }
}
