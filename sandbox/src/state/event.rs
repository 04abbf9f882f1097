//! An event, in the forms in which DingTalk delivers it.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::state::directory::Happening;

/// The person of the organization who caused the event, for forms that name one.
const OPERATOR: &str = "user-wangfang";

/// The form of events. The pages of 2026 document one form, and recorded events have another; it is
/// not known which applications receive which.
#[derive(Clone, Copy, Default, Serialize, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub enum EventForm {
    /// The form of the reference pages.
    #[default]
    Documented,
    /// The recorded form: callbacks spell names with other capitals and have no event id, and the
    /// Stream sends a list of differences.
    Recorded,
}

/// An event to deliver.
#[derive(Clone, Debug)]
pub struct Event {
    /// The event id, which is the same in each repetition.
    pub id: String,
    /// What happened.
    pub happening: Happening,
    /// The time, in milliseconds since 1970.
    pub born: i64,
}

impl Event {
    /// Creates an event that happens now.
    pub fn new(happening: Happening, now_seconds: i64) -> Self {
        Self {
            id: Uuid::new_v4().simple().to_string(),
            happening,
            born: now_seconds.saturating_mul(1000),
        }
    }

    /// The `data` of a frame of the Stream, which is JSON in a text.
    pub fn stream_data(&self, form: EventForm) -> String {
        let mut data = self.happening.data.clone();
        data.insert("timeStamp".to_owned(), json!(self.born.to_string()));
        if form == EventForm::Recorded {
            data.insert("eventId".to_owned(), json!(self.id));
            data.insert("optStaffId".to_owned(), json!(OPERATOR));
            if let Some(difference) = data.get_mut("diffInfo") {
                *difference = Value::Array(vec![difference.take()]);
            }
        }
        Value::Object(data).to_string()
    }

    /// The text that a callback contains in encrypted form.
    pub fn callback_text(&self, form: EventForm) -> String {
        let happening = &self.happening;
        let mut body = Map::new();
        body.insert("EventType".to_owned(), json!(happening.event_type));
        body.insert("CorpId".to_owned(), json!(happening.corp_id));
        match form {
            EventForm::Documented => {
                body.insert("EventTime".to_owned(), json!(self.born));
                body.insert("BizId".to_owned(), json!(self.born.to_string()));
                body.insert("eventId".to_owned(), json!(self.id));
                body.insert("timeStamp".to_owned(), json!(self.born.to_string()));
                body.extend(happening.data.clone());
            }
            EventForm::Recorded => {
                let data = happening.data.iter();
                let ids = data.filter(|(name, _)| *name != "diffInfo");
                body.extend(ids.map(|(name, value)| (capitalised(name), value.clone())));
                body.insert("OptStaffId".to_owned(), json!(OPERATOR));
                body.insert("TimeStamp".to_owned(), json!(self.born.to_string()));
            }
        }
        Value::Object(body).to_string()
    }

    /// The event in the list of failed callbacks (DingTalk's page "Obtain the list of failed push events").
    pub fn failed(&self) -> Value {
        let happening = &self.happening;
        let mut told = Map::new();
        for (name, value) in &happening.data {
            if name != "diffInfo" {
                told.insert(name.to_lowercase(), value.clone());
            }
        }
        told.insert("corpid".to_owned(), json!(happening.corp_id));
        let mut failed = Map::new();
        failed.insert("call_back_tag".to_owned(), json!(happening.event_type));
        failed.insert("event_time".to_owned(), json!(self.born));
        failed.insert(happening.event_type.clone(), Value::Object(told));
        Value::Object(failed)
    }
}

fn capitalised(name: &str) -> String {
    let mut characters = name.chars();
    let first = characters.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(characters).collect()
}
