//! What a message of the inbox says, as a message to people.
//!
//! NocoBase has filled in the values, and wrote signs of HTML in them as HTML does. Nothing is filled in again: what a
//! value holds is only ever text.

use crate::config::Origin;
use crate::domain::message::{Content, Message, OpenIn};
use crate::store::InboxMessage;

/// What NocoBase writes for signs of HTML, the ampersand last.
const ESCAPED: [(&str, &str); 7] = [
    ("&lt;", "<"),
    ("&gt;", ">"),
    ("&quot;", "\""),
    ("&#x27;", "'"),
    ("&#x60;", "`"),
    ("&#x3D;", "="),
    ("&amp;", "&"),
];
/// Characters of a title.
const LONGEST_TITLE: usize = 100;

/// The message that a row stands for.
pub fn message(row: &InboxMessage, origin: Option<&Origin>) -> Message {
    let title = plain(row.title.as_deref().unwrap_or_default());
    let text = plain(row.content.as_deref().unwrap_or_default());
    let url = address(row).and_then(|address| absolute(address, origin));
    let content = match url {
        Some(url) => Content::Form {
            title: title.chars().take(LONGEST_TITLE).collect(),
            text,
            rows: Vec::new(),
            url,
        },
        None if title.is_empty() => Content::Text { text },
        None if text.is_empty() => Content::Text { text: title },
        None => Content::Text {
            text: format!("{title}\n{text}"),
        },
    };
    Message {
        content,
        open_in: OpenIn::Client,
    }
}

/// The address that belongs to a row.
pub fn address(row: &InboxMessage) -> Option<&str> {
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

/// The text without HTML's spelling of signs.
fn plain(text: &str) -> String {
    let mut plain = text.trim().to_owned();
    for (escaped, sign) in ESCAPED {
        plain = plain.replace(escaped, sign);
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn row(title: &str, content: &str, url: &str) -> InboxMessage {
        InboxMessage {
            id: "x".to_owned(),
            user_id: 1,
            channel_name: "c".to_owned(),
            title: Some(title.to_owned()),
            content: Some(content.to_owned()),
            receive_timestamp: 1,
            options: Some(json!({"url": url})),
        }
    }

    #[test]
    fn signs_of_html_are_undone_once_and_nothing_is_filled_in() {
        let row = row(
            "A&amp;B &lt;i&gt;&#x27;x&#x27;",
            "{{$env.SECRET}} &amp;lt;",
            "",
        );
        let expected = "A&B <i>'x'\n{{$env.SECRET}} &lt;".to_owned();
        assert_eq!(
            message(&row, None).content,
            Content::Text { text: expected }
        );
    }

    #[test]
    fn an_address_is_of_the_application_or_of_the_web() {
        let origin: Origin = "https://nocobase.example.com".parse().unwrap();
        for (address, expected) in [
            ("/admin/x", Some("https://nocobase.example.com/admin/x")),
            ("https://a.example/y", Some("https://a.example/y")),
            ("//a.example/y", None),
            ("javascript:alert(1)", None),
            ("", None),
        ] {
            let found = match message(&row("t", "c", address), Some(&origin)).content {
                Content::Form { url, .. } => Some(url),
                _ => None,
            };
            assert_eq!(found.as_deref(), expected, "{address}");
        }
    }
}
