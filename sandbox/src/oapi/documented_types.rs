//! The types in the samples of DingTalk's reference pages for the old family: texts instead of
//! numbers and booleans, a list of numbers as one text, and a list of objects as one object.
//!
//! The service itself sends proper JSON. These types are for testing a client that was written from
//! the pages alone, or that must handle both.

use serde_json::{Map, Value};

/// Converts a body to the types of the samples.
pub fn documented(value: Value) -> Value {
    match value {
        Value::Number(number) => Value::String(number.to_string()),
        Value::Bool(truth) => Value::String(truth.to_string()),
        Value::Array(items) if items.iter().all(Value::is_object) => items
            .into_iter()
            .next()
            .map_or_else(|| Value::Object(Map::new()), documented),
        Value::Array(items) => Value::String(Value::Array(items).to_string()),
        Value::Object(fields) => fields
            .into_iter()
            .map(|(name, value)| (name, documented(value)))
            .collect::<Map<_, _>>()
            .into(),
        Value::Null | Value::String(_) => value,
    }
}
