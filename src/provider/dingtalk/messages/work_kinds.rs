//! Work notifications as DingTalk takes them (page "Message types and data format").

use serde_json::{Value, json};

use super::fit::fit;
use super::link;
use crate::domain::message::{Content, Message, unlinked};

/// A message as DingTalk takes it, as long as it may be.
pub fn written(message: &Message, repetition: usize) -> Option<Value> {
    let suffix = &suffix(repetition);
    let lead = |url: &str| link(url, message.open_in);
    match &message.content {
        Content::Text { text } => fit(
            text,
            |text| json!({"msgtype": "text", "text": {"content": format!("{text}{suffix}")}}),
        ),
        Content::Markdown { title, text } => fit(text, |text| {
            let markdown = json!({"title": title, "text": format!("{text}{suffix}")});
            json!({"msgtype": "markdown", "markdown": markdown})
        }),
        Content::Card {
            title,
            text,
            button,
            url,
        } => fit(text, |text| {
            let card = json!({
                "title": title,
                "markdown": titled(title, text, suffix),
                "single_title": button,
                "single_url": lead(url),
            });
            json!({"msgtype": "action_card", "action_card": card})
        }),
        Content::Buttons {
            title,
            text,
            buttons,
            in_a_row,
        } => fit(text, |text| {
            let buttons: Vec<_> = buttons
                .iter()
                .map(|button| json!({"title": button.title, "action_url": lead(&button.url)}))
                .collect();
            let card = json!({
                "title": title,
                "markdown": titled(title, text, suffix),
                "btn_orientation": if *in_a_row { "1" } else { "0" },
                "btn_json_list": buttons,
            });
            json!({"msgtype": "action_card", "action_card": card})
        }),
        Content::Form {
            title,
            text,
            rows,
            url,
        } => {
            // Rows that there is no room for are left out, the last ones first.
            (0..=rows.len()).rev().find_map(|count| {
                let rows: Vec<_> = rows
                    .iter()
                    .take(count)
                    .map(|row| json!({"key": format!("{}: ", row.label), "value": row.value}))
                    .collect();
                fit(text, |text| {
                    let url = lead(url);
                    let body = json!({
                        "title": format!("{title}{suffix}"),
                        "form": rows,
                        "content": text,
                    });
                    let oa = json!({
                        "message_url": url,
                        "pc_message_url": url,
                        "head": {"bgcolor": "FF1677FF", "text": title},
                        "body": body,
                    });
                    json!({"msgtype": "oa", "oa": oa})
                })
            })
        }
    }
}

/// The title stands in lists of messages alone, so that the text begins with it.
fn titled(title: &str, text: &str, suffix: &str) -> String {
    format!("### {}{suffix}\n\n{text}", unlinked(title))
}

/// What makes the same words different for DingTalk, which drops them on the same day.
fn suffix(repetition: usize) -> String {
    match repetition {
        0 => String::new(),
        again => format!(" ({})", again + 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::message::{Button, OpenIn, Row};

    fn message(content: Content) -> Message {
        Message {
            content,
            open_in: OpenIn::Browser,
        }
    }

    #[test]
    fn every_kind_is_as_long_as_it_may_be() {
        let (title, url) = (
            "标题".repeat(50),
            format!("https://a.example/{}", "x".repeat(600)),
        );
        let text = "很长的文字 ".repeat(2000);
        let button = |at: usize| Button {
            title: format!("{at}{}", "按".repeat(20)),
            url: format!("https://a.example/{at}"),
        };
        let row = Row {
            label: "标".repeat(20),
            value: "值".repeat(200),
        };
        for content in [
            Content::Text { text: text.clone() },
            Content::Markdown {
                title: title.clone(),
                text: text.clone(),
            },
            Content::Card {
                title: title.clone(),
                text: text.clone(),
                button: "打开".to_owned(),
                url: url.clone(),
            },
            Content::Buttons {
                title: title.clone(),
                text: text.clone(),
                buttons: (0..5).map(button).collect(),
                in_a_row: false,
            },
            Content::Form {
                title: "标题".to_owned(),
                text,
                rows: vec![row; 20],
                url: "https://a.example".to_owned(),
            },
        ] {
            let message = message(content);
            let made = written(&message, 1).unwrap().to_string();
            assert!(made.len() <= super::super::fit::LONGEST, "{}", made.len());
            assert!(made.contains("(2)") && made.contains('…'), "{made}");
        }
    }
}
