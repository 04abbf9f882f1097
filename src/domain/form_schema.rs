//! The JSON Schema of options, from which the web client draws their form.
//!
//! In addition to the standard keywords, `x-widget` says how a form shows a value: `text`, `texts`, `secret`, `number`,
//! `select`, `checkbox`, `checkboxes`, `readOnly` or `hidden`, and in the forms of messages also `variable`,
//! `variableText` or `rows`. `x-group` says to which of the `x-groups` the value belongs. `x-when` and `x-required` say for
//! which values of others it has a meaning and must be set. `x-addresses` are addresses to be entered elsewhere, by the
//! authenticator that is chosen in the form, or below an empty name. Titles and descriptions are keys of the files in
//! `locale/`. The doc comments of types are for readers of the code, and are removed.

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

/// The description of a value that needs none. Without it, the schema would have the doc comment of the code.
const NO_DESCRIPTION: &str = "-";

/// The schema of a type, without the name and the doc comment of the type.
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

/// Removes doc comments below the type, and adds how each value is shown unless the type says so.
pub fn shape(group: &mut Value) {
    let properties = group.get_mut("properties").and_then(Value::as_object_mut);
    for (_, property) in properties.into_iter().flatten() {
        let widget = widget(property);
        let Some(fields) = property.as_object_mut() else {
            continue;
        };
        if fields.contains_key("properties") {
            fields.remove("description");
            fields.remove("default");
            shape(property);
            continue;
        }
        let widget = fields
            .entry("x-widget")
            .or_insert_with(|| json!(widget))
            .clone();
        let has_no_description = widget == "hidden"
            || fields
                .get("description")
                .is_some_and(|text| text == NO_DESCRIPTION);
        if has_no_description {
            fields.remove("description");
        }
        if let Some(items) = fields.get_mut("items").and_then(Value::as_object_mut) {
            items.remove("description");
            remove_comments_of_choices(items);
        }
        remove_comments_of_choices(fields);
    }
}

fn remove_comments_of_choices(fields: &mut Map<String, Value>) {
    let choices = fields.get_mut("oneOf").and_then(Value::as_array_mut);
    for choice in choices.into_iter().flatten() {
        if let Some(choice) = choice.as_object_mut() {
            choice.remove("description");
        }
    }
}

fn widget(property: &Value) -> &'static str {
    if property["writeOnly"] == true {
        return "secret";
    }
    if property.get("oneOf").is_some() {
        return "select";
    }
    match property["type"].as_str() {
        Some("boolean") => "checkbox",
        Some("array") => "checkboxes",
        Some("integer") => "number",
        _ => "text",
    }
}
