//! Messages to people: their content, the provider that delivers them, and how each is sent at most once.
//!
//! A provider delivers messages to people whom it knows; the binding of an account names its person. The outcome is
//! stored person by person. A message whose call was cut off in the middle may have arrived, so it is not sent again:
//! a message that comes twice is worse than one that is listed as unclear. A message that was surely not sent waits
//! for some minutes, also when its process ends.

mod addressee;
mod attempt;
mod check;
mod deliver;
mod kept_message;
mod messenger;
mod reason;
mod receivers;
#[cfg(test)]
mod tests;
mod undelivered;

pub use addressee::{Addressee, addressees};
pub use attempt::{Attempt, Batch, Postponed};
pub use check::{MOST_BUTTONS, MOST_ROWS, MessageProblem};
pub use deliver::{Delivery, Sending};
pub use kept_message::{Copies, KeptMessage};
pub use messenger::{Accepted, Failed, MessageOutcome, Messenger, SendError};
pub use reason::{Reason, explanation};
pub use receivers::{Meant, NamedReceivers, ReceiversError, accounts_meant};
pub use undelivered::write_undelivered;

use chrono::TimeDelta;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::clock::Clock;
use crate::store::{Store, StoreError};

/// How long the outcome of a message is kept.
const KEPT: TimeDelta = TimeDelta::days(90);

/// Removes old messages with their outcomes, and has those looked at that wait since the clock was ahead. Returns how many
/// were removed.
pub async fn forget_old(store: &Store, clock: &Clock) -> Result<u64, StoreError> {
    let now = clock.now();
    store.turn_messages_back().await?;
    store.forget_contents(now.timestamp_millis()).await?;
    store.remove_messages(now - KEPT).await
}

/// A plain text for Markdown in which nothing becomes a link, because the text comes from values that others entered.
pub fn unlinked(text: &str) -> String {
    text.replace('[', "［")
        .replace(']', "］")
        .replace('\n', " ")
}

/// The way in which a message is sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Way {
    /// In the name of the application, among its notifications.
    #[default]
    #[schemars(title = "Work notification")]
    WorkNotification,
    /// From the application's robot, as a chat with one person.
    #[schemars(title = "Robot, one to one")]
    Robot,
}

impl Way {
    /// The name that is stored and that programs use.
    pub fn name(self) -> &'static str {
        match self {
            Self::WorkNotification => "workNotification",
            Self::Robot => "robot",
        }
    }

    /// The way with this name.
    pub fn named(name: &str) -> Option<Self> {
        [Self::WorkNotification, Self::Robot]
            .into_iter()
            .find(|way| way.name() == name)
    }
}

/// Where a link opens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum OpenIn {
    /// In a window of the provider's own client, where people are signed in.
    #[default]
    #[schemars(title = "In a window beside the message")]
    Client,
    /// In the browser of the computer.
    #[schemars(title = "In the browser")]
    Browser,
}

/// A message.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Message {
    /// The content.
    #[serde(flatten)]
    pub content: Content,
    /// Where its links open.
    #[serde(default)]
    pub open_in: OpenIn,
}

/// The content of a message.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(
    tag = "kind",
    rename_all = "camelCase",
    rename_all_fields = "camelCase"
)]
pub enum Content {
    /// Plain text.
    Text {
        /// The text.
        text: String,
    },
    /// Markdown, as far as the provider shows it.
    Markdown {
        /// The title, which lists of messages show.
        title: String,
        /// The text.
        text: String,
    },
    /// A card with one link.
    Card {
        /// Its title.
        title: String,
        /// Its text, in Markdown.
        text: String,
        /// The text of its link.
        button: String,
        /// The address of its link.
        url: String,
    },
    /// A card with several links.
    Buttons {
        /// Its title.
        title: String,
        /// Its text, in Markdown.
        text: String,
        /// The links.
        buttons: Vec<Button>,
        /// Whether the links are beside each other.
        #[serde(default)]
        in_a_row: bool,
    },
    /// A form: rows of a label and a value.
    Form {
        /// Its title.
        title: String,
        /// Plain text below the rows.
        #[serde(default)]
        text: String,
        /// The rows.
        rows: Vec<Row>,
        /// The address that the form opens.
        url: String,
    },
}

/// A link of a card.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
pub struct Button {
    /// Its text.
    pub title: String,
    /// Its address.
    pub url: String,
}

/// A row of a form.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
pub struct Row {
    /// The label.
    pub label: String,
    /// The value.
    pub value: String,
}

impl Message {
    /// The title by which lists show the message.
    pub fn title(&self) -> &str {
        match &self.content {
            Content::Text { text } => text,
            Content::Markdown { title, .. }
            | Content::Card { title, .. }
            | Content::Buttons { title, .. }
            | Content::Form { title, .. } => title,
        }
    }

    /// A digest of the content. Equal messages have equal digests.
    pub fn digest(&self) -> String {
        // Nothing in a message can fail to be written as JSON.
        let written = serde_json::to_vec(self).unwrap_or_default();
        short_hex(Sha256::new().chain_update(written))
    }
}

/// The first half of a digest, in hexadecimal: enough to tell texts apart, and short enough for an index.
pub fn short_hex(digest: Sha256) -> String {
    let hex = hex::encode(digest.finalize());
    hex.chars().take(32).collect()
}
