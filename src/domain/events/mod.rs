//! Events of a provider: somebody came, changed or left.
//!
//! An event only names people or departments. Whoever processes it asks the provider for their current state, so that an
//! old event, or one that arrives twice, does no harm.

mod stream;

pub use stream::{EventConnection, Incoming, Receipt, StreamError};

use chrono::{DateTime, Utc};
use serde_json::Value;
use sha2::{Digest, Sha256};

/// The longest identifier that is stored as it is, in bytes.
const LONGEST: usize = 200;

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// The identifier, which is the same in each repetition.
    pub id: String,
    /// The provider's name for this kind of event.
    pub kind: String,
    /// What it is about.
    pub concerns: Concerns,
    /// When it happened, as the provider says.
    pub born: Option<DateTime<Utc>>,
}

/// What an event is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Concerns {
    /// These people, as the provider calls them.
    People(Vec<String>),
    /// These people, who have left according to the event.
    Leavers(Vec<String>),
    /// These departments, as the provider calls them.
    Departments(Vec<String>),
    /// So much that everything has to be read again.
    Everything,
    /// Nothing in a directory.
    Nothing,
}

impl Event {
    /// The identifier that is stored: a digest in place of one that is too long or that a column cannot hold.
    pub fn kept_id(&self) -> String {
        let is_storable = !self.id.is_empty()
            && self.id.len() <= LONGEST
            && self.id.bytes().all(|byte| byte.is_ascii_graphic());
        if is_storable {
            self.id.clone()
        } else {
            digest(&self.id)
        }
    }
}

/// An identifier for what has none.
pub fn digest(text: &str) -> String {
    let digest: [u8; 32] = Sha256::digest(text).into();
    format!("sha256:{}", hex::encode(digest))
}

/// What both sides of a callback know.
#[derive(Clone, Copy)]
pub struct CallbackSecrets<'a> {
    /// What signatures are made with.
    pub token: &'a str,
    /// What bodies are encrypted with.
    pub key: &'a str,
}

/// A callback as it was sent. Nothing of it is believed yet.
#[derive(Clone, Copy)]
pub struct SentCallback<'a> {
    /// The signature.
    pub signature: &'a str,
    /// When it was signed.
    pub timestamp: &'a str,
    /// What makes the signature another each time.
    pub nonce: &'a str,
    /// The encrypted body.
    pub encrypted: &'a str,
}

/// A callback that is the provider's.
#[derive(Debug)]
pub struct Callback {
    /// What happened; nothing when the provider only wants to know whether somebody answers.
    pub event: Option<Event>,
    /// What the provider takes for «received». It is sent after the event is stored.
    pub acknowledgement: Value,
}

/// Why a callback is not believed. The text is for the operator, and holds nothing of what was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CallbackRefusal {
    /// The signature is another.
    #[error("the signature of a callback is wrong: the token may be another than the provider's")]
    Signature,
    /// It was signed too long ago, or will be.
    #[error("a callback was signed too long ago, or the clock of this server is wrong")]
    Old,
    /// It cannot be decrypted.
    #[error("a callback cannot be decrypted: the key may be another than the provider's")]
    Unreadable,
    /// It is for another application or organization.
    #[error("a callback is for another application or organization")]
    Foreign,
    /// It says nothing that is an event.
    #[error("a callback says nothing that is an event")]
    NoEvent,
}

/// Reads callbacks of one application.
pub trait CallbackReader: Send + Sync {
    /// What a callback says, if it is the provider's. Says also how it is acknowledged.
    fn read(&self, sent: SentCallback<'_>, now: DateTime<Utc>)
    -> Result<Callback, CallbackRefusal>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_that_no_column_holds_are_kept_by_their_digest() {
        let event = |id: &str| Event {
            id: id.to_owned(),
            kind: String::new(),
            concerns: Concerns::Nothing,
            born: None,
        };
        for usual in ["c7c7", &"x".repeat(200)] {
            assert_eq!(event(usual).kept_id(), usual);
        }
        for odd in ["", "a\0b", "员工", &"x".repeat(201)] {
            let kept = event(odd).kept_id();
            assert!(kept.starts_with("sha256:") && kept.len() == 71, "{kept}");
            assert_eq!(kept, event(odd).kept_id());
        }
    }
}
