//! The frames of the Stream (developerpedia, "Stream protocol"): texts of JSON in both directions.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::body::{Header, event, text};
use crate::domain::events::{Concerns, Event, digest};

/// The longest identifier of a frame that is answered, in bytes. DingTalk's have some dozen.
const LONGEST_ID: usize = 200;

/// A frame that was read.
#[derive(Debug, PartialEq)]
pub enum Frame {
    /// An event, with the identifier of its frame.
    Event(Event, String),
    /// A ping of DingTalk, with the answer that it gets.
    Ping(String),
    /// The announcement that DingTalk will close the connection.
    Disconnect,
    /// Anything else, with the answer that DingTalk gets, if any.
    Other(Option<String>),
}

#[derive(Deserialize)]
struct Wire {
    #[serde(rename = "type", default)]
    kind: String,
    /// One of DingTalk's examples calls it `header`.
    #[serde(alias = "header", default)]
    headers: Map<String, Value>,
    #[serde(default)]
    data: Value,
}

impl Frame {
    /// Reads a frame. Returns none when the text is no frame. When `corp_id` is given, an event of another organization
    /// concerns nothing.
    pub fn read(frame: &str, corp_id: Option<&str>) -> Option<Self> {
        let wire: Wire = serde_json::from_str(frame).ok()?;
        let header = |name: &str| text(&wire.headers, &[name]);
        let id = header("messageId").filter(|id| id.len() <= LONGEST_ID);
        let topic = header("topic").unwrap_or_default();
        Some(match (wire.kind.as_str(), topic.as_str()) {
            ("SYSTEM", "ping") => {
                // The answer repeats DingTalk's data and identifier.
                let data = wire.data.as_str().unwrap_or("{}");
                Self::Ping(answer(200, "OK", id.as_deref().unwrap_or_default(), data))
            }
            ("SYSTEM", "disconnect") => Self::Disconnect,
            ("EVENT", _) => {
                let event = of_event(&wire, corp_id);
                match id {
                    Some(id) => Self::Event(event, id),
                    None => Self::Event(event, String::new()),
                }
            }
            ("SYSTEM", _) => Self::Other(None),
            _ => Self::Other(id.map(|id| answer(404, "not subscribed", &id, "{}"))),
        })
    }
}

fn of_event(wire: &Wire, corp_id: Option<&str>) -> Event {
    let header = |name: &str| text(&wire.headers, &[name]);
    // According to the documentation this is always JSON in a text.
    let body = match &wire.data {
        Value::String(data) => serde_json::from_str(data).unwrap_or_default(),
        Value::Object(data) => data.clone(),
        _ => Map::new(),
    };
    let kind = header("eventType").unwrap_or_default();
    let mut event = event(
        Header {
            kind: &kind,
            id: header("eventId").as_deref(),
            born: header("eventBornTime").as_deref(),
            digest: digest(&format!("{kind} {}", wire.data)),
        },
        &body,
    );
    if let (Some(expected), Some(named)) = (corp_id, header("eventCorpId"))
        && expected != named
    {
        event.concerns = Concerns::Nothing;
    }
    event
}

/// The answer to an event: it is stored, or DingTalk shall send it again later.
pub fn acknowledgement(message_id: &str, is_stored: bool) -> String {
    let data = if is_stored {
        json!({"status": "SUCCESS", "message": "success"})
    } else {
        json!({"status": "LATER", "message": "not stored"})
    };
    answer(200, "OK", message_id, &data.to_string())
}

fn answer(code: u16, message: &str, message_id: &str, data: &str) -> String {
    json!({
        "code": code,
        "headers": {"messageId": message_id, "contentType": "application/json"},
        "message": message,
        "data": data,
    })
    .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(kind: &str, headers: &Value, data: &Value) -> String {
        json!({"specVersion": "1.0", "type": kind, "headers": headers, "data": data}).to_string()
    }

    fn left(corp_id: Option<&str>, frame: &str) -> (Event, String) {
        match Frame::read(frame, corp_id) {
            Some(Frame::Event(event, id)) => (event, id),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn an_event_is_read_as_dingtalk_sends_it() {
        let headers = json!({
            "topic": "*", "messageId": "213d841d_972", "eventType": "user_leave_org", "eventId": "c7c7120f",
            "eventCorpId": "corp", "eventBornTime": "1683533823336",
        });
        let data = json!(r#"{"timeStamp":"1685501863357","userId":["015001227"]}"#);
        let sent = frame("EVENT", &headers, &data);
        let (event, id) = left(Some("corp"), &sent);
        assert_eq!(
            (event.id.as_str(), id.as_str()),
            ("c7c7120f", "213d841d_972")
        );
        assert_eq!(event.concerns, Concerns::Leavers(vec!["015001227".into()]));
        assert_eq!(event.born.unwrap().timestamp_millis(), 1_683_533_823_336);
        // Of another organization: acknowledged, and about nothing here.
        assert_eq!(left(Some("other"), &sent).0.concerns, Concerns::Nothing);
        // DingTalk's own example with the other name.
        let odd = sent.replace("\"headers\"", "\"header\"");
        assert_eq!(left(None, &odd).0, event);
    }

    #[test]
    fn an_event_that_says_nothing_usable_has_an_identifier_all_the_same() {
        let headers = json!({"messageId": "m", "eventType": "user_add_org"});
        for data in [json!("no JSON"), json!(null), json!(5), json!("[]")] {
            let (event, _) = left(None, &frame("EVENT", &headers, &data));
            assert_eq!(event.concerns, Concerns::Everything, "{data}");
            assert!(event.id.starts_with("sha256:"), "{data}");
        }
        let (event, id) = left(None, r#"{"type":"EVENT"}"#);
        assert_eq!((event.concerns, id.as_str()), (Concerns::Nothing, ""));
    }

    #[test]
    fn a_ping_is_answered_with_what_it_brought() {
        let headers = json!({"topic": "ping", "messageId": "m1"});
        let data = json!(r#"{"opaque":"0d88"}"#);
        let Some(Frame::Ping(answer)) = Frame::read(&frame("SYSTEM", &headers, &data), None) else {
            panic!("no ping");
        };
        let answer: Value = serde_json::from_str(&answer).unwrap();
        assert_eq!(answer["code"], 200);
        assert_eq!(answer["headers"]["messageId"], "m1");
        assert_eq!(answer["data"], r#"{"opaque":"0d88"}"#);
    }

    #[test]
    fn what_was_not_subscribed_to_is_refused_and_what_is_no_frame_is_none() {
        let gone = frame("SYSTEM", &json!({"topic": "disconnect"}), &json!("{}"));
        assert_eq!(Frame::read(&gone, None), Some(Frame::Disconnect));
        let robot = frame(
            "CALLBACK",
            &json!({"topic": "/v1.0/im", "messageId": "m"}),
            &json!("{}"),
        );
        let Some(Frame::Other(Some(answer))) = Frame::read(&robot, None) else {
            panic!("no answer");
        };
        assert!(answer.contains("404"), "{answer}");
        let long = "m".repeat(LONGEST_ID + 1);
        let robot = frame("CALLBACK", &json!({"messageId": long}), &json!("{}"));
        assert_eq!(Frame::read(&robot, None), Some(Frame::Other(None)));
        for none in ["", "hello", "null", "{\"type\":1}"] {
            assert_eq!(Frame::read(none, None), None, "{none}");
        }
    }

    #[test]
    fn an_acknowledgement_says_whether_the_event_is_stored() {
        for (is_stored, status) in [(true, "SUCCESS"), (false, "LATER")] {
            let answer: Value = serde_json::from_str(&acknowledgement("m", is_stored)).unwrap();
            assert_eq!(
                (&answer["code"], &answer["headers"]["messageId"]),
                (&json!(200), &json!("m"))
            );
            let data: Value = serde_json::from_str(answer["data"].as_str().unwrap()).unwrap();
            assert_eq!(data["status"], status);
        }
    }
}
