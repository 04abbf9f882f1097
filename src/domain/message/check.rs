//! Checks of the content of a message.

use url::Url;

use super::{Content, Message};

/// How many links a card has at most.
pub const MOST_BUTTONS: usize = 5;
/// How many rows a form has at most.
pub const MOST_ROWS: usize = 20;
/// How many characters a title and the text of a link have at most.
const LONGEST_TITLE: usize = 100;
/// How many bytes an address has at most. Beside it there has to be room for the rest of the message.
const LONGEST_ADDRESS: usize = 700;

/// A message that cannot be sent, with the name of the value that is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the message's {0} is empty, too long or not valid")]
pub struct MessageProblem(pub &'static str);

impl Message {
    /// Checks the message, and names the value that is wrong.
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

/// Checks that a browser opens an address. Messages may hold no others, such as addresses of programs.
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
    use crate::domain::message::{Button, OpenIn, Row};
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
                json!({"kind": "card", "title": "x", "text": "y", "button": "z", "url": "ftp://nocobase.example.com/x"}),
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

    #[test]
    fn what_just_fits_is_taken_and_a_little_more_is_not() {
        let host = "https://a.example/";
        let address = |bytes: usize| format!("{host}{}", "x".repeat(bytes - host.len()));
        let card = |title: usize, button: usize, url: usize| Content::Card {
            title: "标".repeat(title),
            text: "x".to_owned(),
            button: "b".repeat(button),
            url: address(url),
        };
        let buttons = |count: usize, url: usize| Content::Buttons {
            title: "x".to_owned(),
            text: "y".to_owned(),
            buttons: (0..count)
                .map(|_| Button {
                    title: "b".to_owned(),
                    url: address(url),
                })
                .collect(),
            in_a_row: false,
        };
        let form = |rows: usize, label: usize| Content::Form {
            title: "x".to_owned(),
            text: String::new(),
            rows: (0..rows)
                .map(|_| Row {
                    label: "l".repeat(label),
                    value: "v".to_owned(),
                })
                .collect(),
            url: address(20),
        };
        for (content, expected) in [
            (card(100, 100, 700), None),
            (card(101, 1, 20), Some("title")),
            (card(1, 101, 20), Some("button")),
            (card(1, 1, 701), Some("url")),
            // The addresses of all buttons count together.
            (buttons(5, 140), None),
            (buttons(5, 141), Some("buttons")),
            (buttons(6, 20), Some("buttons")),
            (form(20, 100), None),
            (form(20, 101), Some("rows")),
            (form(21, 1), Some("rows")),
        ] {
            let message = Message {
                content,
                open_in: OpenIn::Client,
            };
            let problem = message.check().err().map(|problem| problem.0);
            assert_eq!(problem, expected, "{message:?}");
        }
    }
}
