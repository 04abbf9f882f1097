//! Shows one message as a card.

use serde_json::Value;

use super::{link::link, markdown};
use crate::oauth::escape;

/// The card of a work notification or of a robot's message.
pub fn card(content: &Value) -> String {
    let kind = text(content, "msgtype");
    if kind.is_empty() {
        return robot(
            text(content, "msgKey"),
            content.get("msgParam").unwrap_or(&Value::Null),
        );
    }
    let inner = content.get(kind).unwrap_or(&Value::Null);
    match kind {
        "text" => paragraph(text(inner, "content")),
        "markdown" => titled(text(inner, "title"), &markdown::html(text(inner, "text"))),
        "link" => linked(inner),
        "action_card" => {
            let buttons = if inner.get("btn_json_list").is_some() {
                let list = inner.get("btn_json_list").and_then(Value::as_array);
                let buttons = list.into_iter().flatten();
                buttons
                    .map(|button| link(text(button, "action_url"), text(button, "title")))
                    .collect()
            } else {
                link(text(inner, "single_url"), text(inner, "single_title"))
            };
            let body = markdown::html(text(inner, "markdown"));
            titled(text(inner, "title"), &with_buttons(&body, &buttons))
        }
        "oa" => form(inner),
        other => paragraph(&format!("[{other}]")),
    }
}

fn robot(key: &str, inner: &Value) -> String {
    match key {
        "sampleText" => paragraph(text(inner, "content")),
        "sampleMarkdown" => titled(text(inner, "title"), &markdown::html(text(inner, "text"))),
        "sampleLink" => linked(inner),
        "sampleActionCard" => {
            let button = link(text(inner, "singleURL"), text(inner, "singleTitle"));
            let body = markdown::html(text(inner, "text"));
            titled(text(inner, "title"), &with_buttons(&body, &button))
        }
        key if key.starts_with("sampleActionCard") => {
            let numbers = 1..=6;
            let buttons = numbers.map(|number| {
                let url = text(inner, &format!("actionURL{number}"));
                link(url, text(inner, &format!("actionTitle{number}")))
            });
            let body = markdown::html(text(inner, "text"));
            let buttons: String = buttons.collect();
            titled(text(inner, "title"), &with_buttons(&body, &buttons))
        }
        other => paragraph(&format!("[{other}]")),
    }
}

/// The form of an OA message: a coloured head, a title, pairs of texts, a large number, a text and
/// an author.
fn form(inner: &Value) -> String {
    let empty = Value::Null;
    let body = inner.get("body").unwrap_or(&empty);
    let pairs = body.get("form").and_then(Value::as_array);
    let pairs: Vec<_> = pairs
        .into_iter()
        .flatten()
        .map(|pair| {
            let (key, value) = (escape(text(pair, "key")), escape(text(pair, "value")));
            format!("<dt>{key}</dt><dd>{value}</dd>")
        })
        .collect();
    let rich = body.get("rich").unwrap_or(&empty);
    let number = format!("{} {}", text(rich, "num"), text(rich, "unit"));
    let parts = [
        paragraph(text(inner.get("head").unwrap_or(&empty), "text")),
        format!("<dl>{}</dl>", pairs.concat()),
        paragraph(number.trim()),
        paragraph(text(body, "content")),
        paragraph(text(body, "author")),
        with_buttons("", &link(text(inner, "message_url"), "Open")),
    ];
    titled(text(body, "title"), &parts.concat())
}

fn linked(inner: &Value) -> String {
    let open = link(text(inner, "messageUrl"), "Open");
    let body = paragraph(text(inner, "text"));
    titled(text(inner, "title"), &with_buttons(&body, &open))
}

fn titled(title: &str, body: &str) -> String {
    format!("<h2>{}</h2>{body}", escape(title))
}

fn with_buttons(body: &str, buttons: &str) -> String {
    format!("{body}<div class=\"buttons\">{buttons}</div>")
}

fn paragraph(text: &str) -> String {
    if text.is_empty() {
        return String::new();
    }
    format!("<p>{}</p>", escape(text))
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}
