//! What must be in a message.

use url::Url;

use super::{Content, Message};

/// Links of one card.
pub const MOST_BUTTONS: usize = 5;
/// Rows of one form.
pub const MOST_ROWS: usize = 20;
/// Characters of a title, and of what a link says.
const LONGEST_TITLE: usize = 100;
/// Bytes of an address: beside it there has to be room for the rest of the message.
const LONGEST_ADDRESS: usize = 700;

/// What is wrong with a message: the name of the value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the message's {0} is empty, too long or not valid")]
pub struct MessageProblem(pub &'static str);

impl Message {
    /// Says what is wrong with the message, if anything.
    pub fn check(&self) -> Result<(), MessageProblem> {
        match &self.content {
            Content::Text { text } => there("text", text),
            Content::Markdown { title, text } => {
                titled("title", title)?;
                there("text", text)
            }
            Content::Card {
                title,
                text,
                button,
                url,
            } => {
                titled("title", title)?;
                there("text", text)?;
                titled("button", button)?;
                leads("url", url)
            }
            Content::Buttons {
                title,
                text,
                buttons,
                ..
            } => {
                titled("title", title)?;
                there("text", text)?;
                let all: usize = buttons.iter().map(|button| button.url.len()).sum();
                if !(1..=MOST_BUTTONS).contains(&buttons.len()) || all > LONGEST_ADDRESS {
                    return Err(MessageProblem("buttons"));
                }
                buttons.iter().try_for_each(|button| {
                    titled("buttons", &button.title)?;
                    leads("buttons", &button.url)
                })
            }
            Content::Form {
                title, rows, url, ..
            } => {
                titled("title", title)?;
                if !(1..=MOST_ROWS).contains(&rows.len()) {
                    return Err(MessageProblem("rows"));
                }
                rows.iter().try_for_each(|row| {
                    titled("rows", &row.label)?;
                    there("rows", &row.value)
                })?;
                leads("url", url)
            }
        }
    }
}

fn there(name: &'static str, text: &str) -> Result<(), MessageProblem> {
    if text.trim().is_empty() {
        return Err(MessageProblem(name));
    }
    Ok(())
}

fn titled(name: &'static str, text: &str) -> Result<(), MessageProblem> {
    there(name, text)?;
    if text.chars().count() > LONGEST_TITLE {
        return Err(MessageProblem(name));
    }
    Ok(())
}

/// An address that a browser opens. Others, such as those of programs, are none for messages.
fn leads(name: &'static str, address: &str) -> Result<(), MessageProblem> {
    let url = Url::parse(address).ok();
    let opens = url.is_some_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    if opens && address.len() <= LONGEST_ADDRESS {
        Ok(())
    } else {
        Err(MessageProblem(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_missing_or_leads_nowhere_is_named() {
        let problem = |value: serde_json::Value| {
            let message: Message = serde_json::from_value(value).unwrap();
            message.check().err().map(|problem| problem.0)
        };
        let url = "https://nocobase.example.com/admin?x=1";
        for (value, expected) in [
            (json!({"kind": "text", "text": "x"}), None),
            (json!({"kind": "text", "text": " "}), Some("text")),
            (
                json!({"kind": "markdown", "title": "", "text": "x"}),
                Some("title"),
            ),
            (
                json!({"kind": "card", "title": "x", "text": "y", "button": "z", "url": url}),
                None,
            ),
            (
                json!({"kind": "card", "title": "x", "text": "y", "button": "z", "url": "javascript:alert(1)"}),
                Some("url"),
            ),
            (
                json!({"kind": "card", "title": "x", "text": "y", "button": "z", "url": "/admin"}),
                Some("url"),
            ),
            (
                json!({"kind": "buttons", "title": "x", "text": "y", "buttons": []}),
                Some("buttons"),
            ),
            (
                json!({"kind": "form", "title": "x", "rows": [{"label": "a", "value": "b"}], "url": url}),
                None,
            ),
            (
                json!({"kind": "form", "title": "x", "rows": [], "url": url}),
                Some("rows"),
            ),
        ] {
            assert_eq!(problem(value.clone()), expected, "{value}");
        }
    }
}
