//! Where two answers differ.

use std::collections::BTreeSet;

use chrono::DateTime;
use serde_json::Value;
use uuid::Uuid;

use super::cookie;
use super::ids::{self, Ids};
use super::record::Record;
use super::replay::Answer;
use crate::support::Kind;

/// Headers that have to be equal. Cookies are compared apart.
const HEADERS: [&str; 7] = [
    "content-type",
    "vary",
    "access-control-allow-origin",
    "access-control-allow-credentials",
    "access-control-allow-headers",
    "access-control-allow-methods",
    "access-control-expose-headers",
];
/// What a number is from that counts milliseconds since the epoch.
const MILLISECONDS: i64 = 1_000_000_000_000;

/// Differences that are the same everywhere, by name; `differences.json` says why.
pub struct Rules {
    database: Kind,
    used: BTreeSet<&'static str>,
    /// Ids that answers gave.
    pub ids: Ids,
}

impl Rules {
    pub fn new(database: Kind) -> Self {
        // Without another database there is nothing to see of this one.
        let used = BTreeSet::from(["dialect"]);
        let ids = Ids::default();
        Self {
            database,
            used,
            ids,
        }
    }

    /// Notes that a rule was needed.
    pub fn apply(&mut self, rule: &'static str) {
        self.used.insert(rule);
    }

    pub fn was_used(&self, rule: &str) -> bool {
        self.used.contains(rule)
    }

    pub fn used(&self) -> impl Iterator<Item = &'static str> {
        self.used.iter().copied()
    }
}

/// Places at which our answer is another than NocoBase's: `status`, `header …`, `cookie …`, `text`,
/// and pointers into the body.
pub fn differing_places(record: &Record, answer: &Answer, rules: &mut Rules) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    if record.status != answer.status {
        found.insert("status".to_owned());
    }
    for name in HEADERS {
        let theirs = record.response_headers.get(name).and_then(Value::as_str);
        let theirs = theirs.map(|value| value.replace("{{origin}}", &answer.origin));
        let ours: Vec<_> = answer.all(name).collect();
        let ours = (!ours.is_empty()).then(|| ours.join(", "));
        if theirs != ours {
            found.insert(format!("header {name}"));
        }
    }
    let renewed = record.response_headers.contains_key("x-new-token");
    if renewed != answer.headers.contains_key("x-new-token") {
        found.insert("header x-new-token".to_owned());
    }
    cookie::compare(record, answer, rules, &mut found);
    match (&record.response, &answer.json) {
        (Some(theirs), Some(ours)) => values("", theirs, ours, rules, &mut found),
        (Some(_), None) => {
            found.insert("text".to_owned());
        }
        (None, _) => {
            let theirs = record.response_text.as_deref();
            if theirs.is_some_and(|theirs| theirs != answer.text) {
                found.insert("text".to_owned());
            }
        }
    }
    found
}

fn values(
    place: &str,
    theirs: &Value,
    ours: &Value,
    rules: &mut Rules,
    found: &mut BTreeSet<String>,
) {
    match (theirs, ours) {
        (Value::Object(theirs), Value::Object(ours)) => {
            for (key, value) in theirs {
                let place = format!("{place}/{key}");
                match ours.get(key) {
                    Some(own) => values(&place, value, own, rules, found),
                    None => {
                        found.insert(place);
                    }
                }
            }
            for (key, own) in ours.iter().filter(|(key, _)| !theirs.contains_key(*key)) {
                if own.is_null() {
                    rules.apply("null-for-missing");
                } else {
                    found.insert(format!("{place}/{key}"));
                }
            }
        }
        (Value::Array(theirs), Value::Array(ours)) if theirs.len() == ours.len() => {
            for (index, (one, other)) in theirs.iter().zip(ours).enumerate() {
                values(&format!("{place}/{index}"), one, other, rules, found);
            }
        }
        (Value::String(any), _) if any == "<any>" => {}
        (Value::String(name), Value::Number(id)) if ids::is_name(name) => {
            if !rules.ids.is_same(name, id.as_i64()) {
                found.insert(place.to_owned());
            }
        }
        (Value::String(one), Value::String(other)) => {
            if !same_text(place, one, other, rules) {
                found.insert(place.to_owned());
            }
        }
        // Their raw rows hold JSON as text on SQLite.
        (Value::String(text), _) if serde_json::from_str(text).is_ok_and(|v: Value| v == *ours) => {
            rules.apply("parsed-rows");
        }
        (Value::Number(one), Value::Number(other)) => {
            let later = |number: &serde_json::Number| number.as_i64() > Some(MILLISECONDS);
            if one != other && !(later(one) && later(other)) {
                found.insert(place.to_owned());
            }
        }
        _ if theirs == ours => {}
        _ => {
            found.insert(place.to_owned());
        }
    }
}

fn same_text(place: &str, theirs: &str, ours: &str, rules: &mut Rules) -> bool {
    if is_date(theirs) && is_date(ours) {
        return true;
    }
    if is_raw_date(theirs) && is_date(ours) {
        rules.apply("parsed-rows");
        return true;
    }
    let is_token = |text: &str| text == "<jwt>" || text.starts_with("{{token:");
    if is_token(theirs) {
        return ours.split('.').count() == 3;
    }
    if place == "/data/database/dialect" {
        return theirs == "sqlite" && ours == rules.database.dialect();
    }
    let is_uuid = |text: &str| Uuid::parse_str(text).is_ok();
    theirs == ours || is_uuid(theirs) && is_uuid(ours)
}

fn is_date(text: &str) -> bool {
    text.ends_with('Z') && DateTime::parse_from_rfc3339(text).is_ok()
}

fn is_raw_date(text: &str) -> bool {
    DateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S%.f %:z").is_ok()
}
