//! The forms of a channel and of its messages, as data.

use std::sync::LazyLock;

use serde_json::{Value, json};

use super::{ChannelOptions, MessageOptions};
use crate::domain::form_schema::{schema_of, shape};

static CHANNEL: LazyLock<Value> = LazyLock::new(|| described(schema_of::<ChannelOptions>()));
static MESSAGE: LazyLock<Value> = LazyLock::new(message);

/// The JSON Schema of a channel's options.
pub fn channel_form() -> &'static Value {
    &CHANNEL
}

/// The JSON Schema of a message, beside whom it is for: its values stand where NocoBase's row has them.
pub fn message_form() -> &'static Value {
    &MESSAGE
}

fn described(mut schema: Value) -> Value {
    shape(&mut schema);
    schema
}

/// Texts in which variables can stand have widgets of their own.
fn message() -> Value {
    let text =
        |title: &str, widget: &str| json!({"type": "string", "title": title, "x-widget": widget});
    let mut options = described(schema_of::<MessageOptions>());
    if let Some(button) = options.pointer_mut("/properties/button/x-widget") {
        *button = json!("variable");
    }
    let url = json!({
        "type": "string",
        "title": "Link",
        "description": "Begins with http or, for a page of this application, with «/», such as /admin.",
        "x-widget": "variable",
    });
    json!({
        "type": "object",
        "properties": {
            "title": text("Title", "variable"),
            "content": text("Text", "variableText"),
            "options": {"type": "object", "properties": {"url": url, "message": options}},
        },
        "required": ["title", "content"],
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::locale::Locale;

    fn check(group: &Value, english: &Value) {
        for (key, property) in group["properties"].as_object().unwrap() {
            if property.get("properties").is_some() {
                check(property, english);
                continue;
            }
            assert!(property["title"].is_string(), "{key}");
            assert!(property["x-widget"].is_string(), "{key}");
            let choices = property["oneOf"].as_array().into_iter().flatten();
            for said in choices.chain([property]) {
                for text in ["title", "description"] {
                    if let Some(text) = said[text].as_str() {
                        assert!(english.get(text).is_some(), "{text:?} is in no locale file");
                    }
                }
            }
        }
    }

    #[test]
    fn every_text_of_the_forms_is_in_the_locale_files() {
        let english = Locale::of("en-US").texts();
        check(channel_form(), &english);
        check(message_form(), &english);
    }

    #[test]
    fn a_channel_needs_an_authenticator_and_a_message_begins_as_a_card() {
        assert_eq!(channel_form()["required"], json!(["authenticator"]));
        assert_eq!(
            channel_form()["properties"]["keepCopy"]["default"],
            json!(true)
        );
        let kind = message_form().pointer("/properties/options/properties/message/properties/kind");
        let kind = kind.unwrap();
        assert_eq!(
            (&kind["default"], &kind["x-widget"]),
            (&json!("card"), &json!("select"))
        );
    }
}
