//! What the actions of messages do, take and answer.

use schemars::{JsonSchema, SchemaGenerator, json_schema};

use super::description::{Answer, Description};
use super::descriptions::LISTING;
use crate::api::messages as m;

/// What is known of an action of `dingtalkMessages`.
pub fn describe(action: &str, types: &mut SchemaGenerator) -> Option<Description> {
    Some(match action {
        "send" => Description {
            summary: "Sends a message to people, and tells what became of it for each.",
            body: Some(m::SendForm::json_schema(types)),
            parameters: &[],
            answer: Answer::Data(m::SentAnswer::json_schema(types)),
        },
        "list" => Description {
            summary: "Lists messages to people, and what became of each. Of filtered rows the first 10000 are counted; pages go further.",
            body: None,
            parameters: LISTING,
            answer: Answer::Page(m::MessageRow::json_schema(types)),
        },
        "channels" => Description {
            summary: "Lists the channels of NocoBase that put messages into its inbox, and which of them also go to DingTalk.",
            body: None,
            parameters: &[],
            answer: Answer::Data({
                let row = m::ChannelRow::json_schema(types);
                json_schema!({"type": "array", "items": row})
            }),
        },
        "saveChannel" => Description {
            summary: "Sets whether the messages of a channel also go to DingTalk from now on.",
            body: Some(m::ChannelForm::json_schema(types)),
            parameters: &[],
            answer: Answer::Empty,
        },
        "sendTest" => Description {
            summary: "Sends a test message to the caller, and says in words what became of it.",
            body: Some(m::TestForm::json_schema(types)),
            parameters: &[],
            answer: Answer::Data(m::TestAnswer::json_schema(types)),
        },
        "optionsSchema" => Description {
            summary: "The form of a channel of the type DingTalk, as a JSON Schema.",
            body: None,
            parameters: &[],
            answer: Answer::Data(json_schema!({"type": "object"})),
        },
        "messageSchema" => Description {
            summary: "The form of a message of such a channel, as a JSON Schema.",
            body: None,
            parameters: &[],
            answer: Answer::Data(json_schema!({"type": "object"})),
        },
        _ => return None,
    })
}
