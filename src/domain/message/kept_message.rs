//! The form in which a message is stored while somebody waits for it.

use serde::{Deserialize, Serialize};

use super::{Content, Message};

/// How many bytes of each text are stored. No provider accepts more, and all texts together fit into the column.
const LONGEST: usize = 2100;
/// How many bytes the whole may have.
const MOST: usize = 60_000;

/// A message, and what is to be done once it was sent.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct KeptMessage {
    /// The message.
    pub message: Message,
    /// Copies that are to be removed then.
    pub copies: Option<Copies>,
}

/// Copies of a message in NocoBase's inbox, which are removed once it was sent.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Copies {
    /// The account in whose name they are removed.
    pub account_id: i64,
    /// The account of each copy, and its id.
    pub rows: Vec<(i64, String)>,
}

impl Copies {
    /// The copies of the accounts for which this holds; none if there are no such copies.
    pub fn of_those(mut self, holds: impl Fn(i64) -> bool) -> Option<Self> {
        self.rows.retain(|(user_id, _)| holds(*user_id));
        (!self.rows.is_empty()).then_some(self)
    }

    /// The ids of the copies.
    pub fn ids(&self) -> Vec<String> {
        self.rows.iter().map(|(_, id)| id.clone()).collect()
    }
}

impl KeptMessage {
    /// The message as it is stored. A message that is too large is not stored and cannot wait.
    pub fn written(mut self) -> Option<String> {
        match &mut self.message.content {
            Content::Text { text }
            | Content::Markdown { text, .. }
            | Content::Card { text, .. }
            | Content::Buttons { text, .. } => cut(text),
            Content::Form { text, rows, .. } => {
                cut(text);
                for row in rows {
                    cut(&mut row.value);
                }
            }
        }
        let written = serde_json::to_string(&self).ok()?;
        (written.len() <= MOST).then_some(written)
    }

    /// Reads a stored message.
    pub fn read(written: &str) -> Option<Self> {
        serde_json::from_str(written).ok()
    }
}

fn cut(text: &mut String) {
    text.truncate(text.floor_char_boundary(LONGEST));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::message::{OpenIn, Row};

    #[test]
    fn a_message_is_kept_as_far_as_anybody_takes_it() {
        let row = |value: &str| Row {
            label: "l".repeat(100),
            value: value.to_owned(),
        };
        let message = Message {
            content: Content::Form {
                title: "A form".to_owned(),
                text: "你".repeat(30_000),
                rows: (0..20).map(|_| row(&"v".repeat(5000))).collect(),
                url: "https://a.example".to_owned(),
            },
            open_in: OpenIn::Browser,
        };
        let copies = Some(Copies {
            account_id: 1,
            rows: vec![(2, "a".to_owned())],
        });
        let kept = KeptMessage { message, copies };
        let read = KeptMessage::read(&kept.clone().written().unwrap()).unwrap();
        assert_eq!(read.copies, kept.copies);
        let Content::Form { text, rows, .. } = read.message.content else {
            panic!("another kind");
        };
        assert_eq!((text.len(), rows.len()), (2100, 20));
        assert_eq!(rows[0].value.len(), 2100);
    }

    #[test]
    fn what_is_too_large_is_not_kept_at_all() {
        let written = |length: usize| {
            let content = Content::Card {
                title: "t".to_owned(),
                text: "x".to_owned(),
                button: "b".to_owned(),
                url: "u".repeat(length),
            };
            let message = Message {
                content,
                open_in: OpenIn::Client,
            };
            let copies = None;
            KeptMessage { message, copies }.written()
        };
        let rest = MOST - written(0).unwrap().len();
        assert_eq!(written(rest).unwrap().len(), MOST);
        assert_eq!(written(rest + 1), None);
    }
}
