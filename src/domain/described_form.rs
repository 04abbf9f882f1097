//! Forms that a type describes: its JSON Schema, with how each value is shown.
//!
//! Beside the standard's words, `x-widget` says how a form shows a value (`text`, `texts`, `number`, `select`,
//! `checkbox`), `x-group` in which of the `x-groups` it stands, and `x-when` with which values of others it has a
//! meaning. Titles and descriptions are keys of the files in `locale/`.

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::{Value, json};

/// The schema of a type, without the type's name and comments, which are for who reads the code.
pub fn schema_of<T: JsonSchema>() -> Value {
    let settings =
        SchemaSettings::draft2020_12().with(|settings| settings.inline_subschemas = true);
    let schema = settings.into_generator().into_root_schema_for::<T>();
    let mut schema = schema.to_value();
    if let Some(root) = schema.as_object_mut() {
        root.remove("title");
        root.remove("description");
    }
    schema
}

/// Takes out the comments of the code, and says how each value is shown.
pub fn shape(group: &mut Value) {
    let properties = group.get_mut("properties").and_then(Value::as_object_mut);
    for (_, property) in properties.into_iter().flatten() {
        if property.get("properties").is_some() {
            if let Some(fields) = property.as_object_mut() {
                fields.remove("description");
                fields.remove("default");
            }
            shape(property);
            continue;
        }
        let widget = widget(property);
        let choices = property.get_mut("oneOf").and_then(Value::as_array_mut);
        for choice in choices.into_iter().flatten() {
            if let Some(choice) = choice.as_object_mut() {
                choice.remove("description");
            }
        }
        if let Some(fields) = property.as_object_mut() {
            // A value that needs no explanation has a dash, in place of the comment of the code.
            if fields.get("description") == Some(&json!("-")) {
                fields.remove("description");
            }
            fields.entry("x-widget").or_insert_with(|| json!(widget));
        }
    }
}

fn widget(property: &Value) -> &'static str {
    if property.get("oneOf").is_some() {
        return "select";
    }
    match property["type"].as_str() {
        Some("boolean") => "checkbox",
        Some("integer") => "number",
        _ => "text",
    }
}
