//! The types that DingTalk's reference pages show in their samples of the old family: texts instead of
//! numbers and booleans, lists of numbers as one text, lists of objects as one object.
//!
//! The service itself sends proper JSON. A client that was written from the pages alone, or that must
//! bear both, is tested against this.

use serde_json::{Map, Value};

/// The same body in the types of the samples.
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
