//! What a message of the inbox says, as a message to people.
//!
//! NocoBase has filled in the values, and wrote signs of HTML in them as HTML does. Nothing is filled in again: what a
//! value holds is only ever text.

use super::html_escapes::plain;
use super::kinds::{MessageKind, MessageOptions};
use crate::config::Origin;
use crate::domain::message::{Button, Content, MOST_BUTTONS, MOST_ROWS, Message, unlinked};
use crate::store::InboxMessage;

/// Characters of a title, and of what a link or the label of a row says.
const LONGEST_TITLE: usize = 100;

/// The message that a row stands for. Where the kind that was chosen needs what is not there, the next simpler one
/// takes its place.
pub fn message(row: &InboxMessage, origin: Option<&Origin>) -> Message {
    let options = MessageOptions::of(row.options.as_ref());
    let open_in = options.open_in;
    let said = InboxText {
        title: plain(row.title.as_deref().unwrap_or_default()),
        text: plain(row.content.as_deref().unwrap_or_default()),
        url: address(row).and_then(|address| absolute(address, origin)),
    };
    let content = match options.kind {
        None => said.into_inbox(),
        Some(MessageKind::Text) => said.into_text(),
        Some(MessageKind::Markdown) => said.into_markdown(&options),
        Some(MessageKind::Card) => said.into_card(&options),
        Some(MessageKind::Buttons) => said.into_buttons(&options, origin),
        Some(MessageKind::Form) => said.into_form(options),
    };
    Message { content, open_in }
}

/// What a row says.
struct InboxText {
    title: String,
    text: String,
    url: Option<String>,
}

impl InboxText {
    /// As messages without a kind look: a form without rows where there is an address, else text.
    fn into_inbox(self) -> Content {
        match &self.url {
            Some(url) => Content::Form {
                title: short(&self.title),
                url: url.clone(),
                rows: Vec::new(),
                text: self.text,
            },
            None => self.into_text(),
        }
    }

    fn into_text(self) -> Content {
        let lines = [self.title, self.text, self.url.unwrap_or_default()];
        let lines: Vec<_> = lines.into_iter().filter(|line| !line.is_empty()).collect();
        Content::Text {
            text: lines.join("\n"),
        }
    }

    /// Markdown has no link of its own, which is added to the text.
    fn into_markdown(self, options: &MessageOptions) -> Content {
        if self.title.is_empty() || self.text.is_empty() {
            return self.into_text();
        }
        let text = match &self.url {
            Some(url) => {
                let label = unlinked(some_of(&options.button, &self.title));
                format!("{}\n\n[{label}]({})", self.text, url.replace(')', "%29"))
            }
            None => self.text,
        };
        Content::Markdown {
            title: short(&self.title),
            text,
        }
    }

    fn into_card(self, options: &MessageOptions) -> Content {
        let Some(url) = self.url.clone().filter(|_| !self.title.is_empty()) else {
            return self.into_markdown(options);
        };
        Content::Card {
            button: short(some_of(&options.button, &self.title)),
            title: short(&self.title),
            text: self.text,
            url,
        }
    }

    fn into_buttons(self, options: &MessageOptions, origin: Option<&Origin>) -> Content {
        let button = |button: &Button| {
            Some(Button {
                title: short(&button.title),
                url: absolute(&button.url, origin)?,
            })
        };
        let buttons = options.buttons.iter().filter_map(button);
        let buttons: Vec<_> = buttons.take(MOST_BUTTONS).collect();
        if buttons.is_empty() || self.title.is_empty() {
            return self.into_card(options);
        }
        Content::Buttons {
            title: short(&self.title),
            text: self.text,
            buttons,
            in_a_row: options.in_a_row,
        }
    }

    /// A form leads somewhere. Without an address its rows become a list.
    fn into_form(mut self, mut options: MessageOptions) -> Content {
        options.rows.truncate(MOST_ROWS);
        if let Some(url) = self.url.clone().filter(|_| !self.title.is_empty()) {
            for row in &mut options.rows {
                row.label = short(&row.label);
            }
            return Content::Form {
                title: short(&self.title),
                text: self.text,
                rows: std::mem::take(&mut options.rows),
                url,
            };
        }
        let rows = options
            .rows
            .iter()
            .map(|row| format!("- {}: {}", unlinked(&row.label), unlinked(&row.value)));
        let rows: Vec<_> = rows.collect();
        if !rows.is_empty() {
            self.text = format!("{}\n\n{}", rows.join("\n"), unlinked(&self.text));
            self.text.truncate(self.text.trim_end().len());
        }
        self.into_markdown(&options)
    }
}

/// The first text, or the second where it is empty.
fn some_of<'a>(first: &'a str, second: &'a str) -> &'a str {
    if first.is_empty() { second } else { first }
}

/// As much of a text as a title may have.
fn short(text: &str) -> String {
    text.chars().take(LONGEST_TITLE).collect()
}

/// The address that belongs to a row.
fn address(row: &InboxMessage) -> Option<&str> {
    let options = row.options.as_ref()?;
    let address = options.get("url")?.as_str()?.trim();
    (!address.is_empty()).then_some(address)
}

/// An address that a browser opens; one without a host is of the application itself.
fn absolute(address: &str, origin: Option<&Origin>) -> Option<String> {
    if address.starts_with('/') && !address.starts_with("//") {
        return Some(format!("{}{address}", origin?));
    }
    let is_web = ["http://", "https://"];
    let is_web = is_web.iter().any(|scheme| address.starts_with(scheme));
    is_web.then(|| address.to_owned())
}

#[cfg(test)]
mod tests;
