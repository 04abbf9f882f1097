//! Options as a client sends them.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::SourceOptions;

/// Removes what a form sends for inputs that were left empty: null, and columns without a name.
pub(super) fn without_blanks(options: Value) -> Value {
    let Value::Object(mut fields) = options else {
        return options;
    };
    if let Some(Value::Object(columns)) = fields.get_mut("columns") {
        columns.retain(|_, column| match column.get("name") {
            None => column.as_object().is_none_or(|column| !column.is_empty()),
            Some(Value::Null) => false,
            Some(name) => name.as_str().is_none_or(|name| !name.trim().is_empty()),
        });
    }
    fields.retain(|_, value| !value.is_null());
    let fields = fields.into_iter();
    Value::Object(
        fields
            .map(|(key, value)| (key, without_blanks(value)))
            .collect(),
    )
}

/// The keys whose values cannot be read. Their values are not told, because one may be a secret.
pub(super) fn unreadable(options: &Value) -> String {
    let fields = options.as_object().into_iter().flatten();
    let is_wrong = |key: &str, value: &Value| {
        let alone = Map::from_iter([(key.to_owned(), value.clone())]);
        SourceOptions::deserialize(Value::Object(alone)).is_err()
    };
    let wrong = fields.filter(|(key, value)| is_wrong(key, value));
    let names: Vec<_> = wrong.map(|(key, _)| key.as_str()).collect();
    names.join(", ")
}
