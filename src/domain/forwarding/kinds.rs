//! What a message in DingTalk looks like, as the form of NocoBase's workflow node sets it.
//!
//! Of a message only the title, the content and `options` reach NocoBase's row, so that all else stands under
//! `options.message`. NocoBase has filled in variables, and a value that is missing or of another type than the form
//! had must not keep a message from people: what cannot be read counts as not set.

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use crate::domain::message::{Button, OpenIn, Row};

/// The kinds of messages, in the order of the form.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum MessageKind {
    /// Plain text.
    #[schemars(title = "Text")]
    Text,
    /// Markdown.
    #[schemars(title = "Markdown")]
    Markdown,
    /// A card with one link.
    #[default]
    #[schemars(title = "Card with a link")]
    Card,
    /// A card with several links.
    #[schemars(title = "Card with buttons")]
    Buttons,
    /// Rows of a label and a value.
    #[schemars(title = "Form")]
    Form,
}

/// What the form sets beside title, content and address.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct MessageOptions {
    /// The kind; nothing where no form of this product has set it.
    #[schemars(with = "MessageKind", title = "Kind of message", description = "-", extend("default" = "card"))]
    #[serde(deserialize_with = "lenient")]
    pub kind: Option<MessageKind>,
    /// Where links open on computers.
    #[schemars(title = "Links open", description = "-")]
    #[serde(deserialize_with = "lenient")]
    pub open_in: OpenIn,
    /// What the link of a card says.
    #[schemars(
        title = "Text of the link",
        description = "Without one, the title is shown.",
        extend("x-when" = {"options.message.kind": ["card"]})
    )]
    #[serde(deserialize_with = "words")]
    pub button: String,
    /// The links of a card.
    #[schemars(
        title = "Buttons",
        description = "Up to five. Without any, the card has the link above.",
        extend("x-widget" = "rows", "x-when" = {"options.message.kind": ["buttons"]})
    )]
    #[serde(deserialize_with = "buttons")]
    pub buttons: Vec<Button>,
    /// Whether they stand beside each other.
    #[schemars(
        title = "Beside each other",
        description = "-",
        extend("x-when" = {"options.message.kind": ["buttons"]})
    )]
    #[serde(deserialize_with = "lenient")]
    pub in_a_row: bool,
    /// The rows of a form.
    #[schemars(
        title = "Rows",
        description = "Up to twenty.",
        extend("x-widget" = "rows", "x-when" = {"options.message.kind": ["form"]})
    )]
    #[serde(deserialize_with = "rows")]
    pub rows: Vec<Row>,
}

impl MessageOptions {
    /// What is set in the options of a message.
    pub fn of(options: Option<&Value>) -> Self {
        let message = options.and_then(|options| options.get("message"));
        let read = message.and_then(|message| Self::deserialize(message).ok());
        read.unwrap_or_default()
    }
}

/// A value, or the one that counts where none is set.
fn lenient<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Default + for<'a> Deserialize<'a>,
{
    let value = Value::deserialize(deserializer)?;
    Ok(T::deserialize(value).unwrap_or_default())
}

fn words<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    Value::deserialize(deserializer).map(|value| text(&value))
}

fn buttons<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Button>, D::Error> {
    let value = Value::deserialize(deserializer)?;
    let button = |[title, url]: [String; 2]| Button { title, url };
    Ok(pairs(&value, ["title", "url"]).map(button).collect())
}

fn rows<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Row>, D::Error> {
    let value = Value::deserialize(deserializer)?;
    let row = |[label, value]: [String; 2]| Row { label, value };
    Ok(pairs(&value, ["label", "value"]).map(row).collect())
}

/// Entries of a list in which both texts are set.
fn pairs(list: &Value, keys: [&'static str; 2]) -> impl Iterator<Item = [String; 2]> {
    let entries = list.as_array().into_iter().flatten();
    let pair = move |entry: &Value| keys.map(|key| entry.get(key).map(text).unwrap_or_default());
    let is_whole = |pair: &[String; 2]| pair.iter().all(|text| !text.is_empty());
    entries.map(pair).filter(is_whole)
}

/// A value as people read it. A variable may hold a number, or several values.
fn text(value: &Value) -> String {
    let text = match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(values) => values.iter().map(text).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    };
    super::html_escapes::plain(&text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_variables_hold_becomes_text() {
        let read = MessageOptions::of(Some(&json!({"url": "/x", "message": {
            "kind": "form",
            "button": 7,
            "inARow": "yes",
            "rows": [
                {"label": "Days", "value": 3},
                {"label": "Who", "value": ["Li Na", "A&amp;B"]},
                {"label": "Nothing", "value": null},
                "no row",
            ],
            "buttons": {"title": "no list"},
            "openIn": "browser",
            "more": true,
        }})));
        let row = |label: &str, value: &str| Row {
            label: label.to_owned(),
            value: value.to_owned(),
        };
        let expected = MessageOptions {
            kind: Some(MessageKind::Form),
            open_in: OpenIn::Browser,
            button: "7".to_owned(),
            buttons: Vec::new(),
            in_a_row: false,
            rows: vec![row("Days", "3"), row("Who", "Li Na, A&B")],
        };
        assert_eq!(read, expected);
    }

    #[test]
    fn what_is_not_set_or_cannot_be_read_counts_as_nothing() {
        for options in [
            json!(null),
            json!({"url": "x"}),
            json!({"message": "x"}),
            json!({"message": {"kind": "song", "rows": 1}}),
        ] {
            assert_eq!(
                MessageOptions::of(Some(&options)),
                MessageOptions::default(),
                "{options}"
            );
        }
        assert_eq!(MessageOptions::of(None), MessageOptions::default());
    }
}
