//! The form for the options of a source, as a JSON Schema.

use std::sync::LazyLock;

use serde_json::{Value, json};

use super::SourceOptions;
use crate::domain::form_schema::{schema_of, shape};

/// Fields of people for which accounts have no column, with the titles of the inputs for the name
/// of an added column.
const COLUMNS: [(&str, &str); 3] = [
    ("jobTitle", "Column for the job title"),
    ("jobNumber", "Column for the job number"),
    ("workPlace", "Column for the work place"),
];

static FORM: LazyLock<Value> = LazyLock::new(make);

/// The JSON Schema of the options.
pub fn form() -> &'static Value {
    &FORM
}

fn make() -> Value {
    let mut schema = schema_of::<SourceOptions>();
    if let Some(options) = schema.get_mut("properties").and_then(Value::as_object_mut) {
        let after_fields = options.keys().position(|key| key == "fields");
        let place = after_fields.map_or(options.len(), |at| at + 1);
        options.shift_insert(place, "columns".to_owned(), columns());
        options.insert("schedule".to_owned(), schedule());
    }
    shape(&mut schema);
    schema
}

/// The schema of the added columns.
fn columns() -> Value {
    let column = |(key, title): (&str, &str)| {
        let name = json!({
            "type": "string",
            "title": title,
            "description": "Name of a column that was added to the table of users. Without one, this is not copied.",
            "maxLength": 63,
            "x-group": "fields",
        });
        (
            key.to_owned(),
            json!({"type": "object", "properties": {"name": name}}),
        )
    };
    let properties: serde_json::Map<_, _> = COLUMNS.into_iter().map(column).collect();
    json!({"type": "object", "properties": properties})
}

/// The schema of the schedule.
fn schedule() -> Value {
    json!({"type": "object", "properties": {
        "kind": {
            "title": "Schedule",
            "oneOf": [
                {"const": "off", "title": "Off"},
                {"const": "every", "title": "Every few hours"},
                {"const": "daily", "title": "Daily"},
            ],
            "default": "off",
            "x-group": "schedule",
        },
        "hours": {
            "type": "integer",
            "title": "Hours between runs",
            "minimum": 1,
            "maximum": 168,
            "default": 6,
            "x-group": "schedule",
            "x-when": {"schedule.kind": ["every"]},
        },
        "at": {
            "type": "string",
            "title": "Time of day (UTC)",
            "pattern": "^([01]?[0-9]|2[0-3]):[0-5][0-9]$",
            "default": "03:00",
            "x-group": "schedule",
            "x-when": {"schedule.kind": ["daily"]},
        },
    }})
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::directory::SourceOptions;
    use crate::locale::Locale;

    /// Collects each option of the form with its path.
    fn leaves(group: &Value, above: &str, found: &mut Vec<(String, Value)>) {
        for (key, property) in group["properties"].as_object().unwrap() {
            let path = format!("{above}{key}");
            if property.get("properties").is_some() {
                leaves(property, &format!("{path}."), found);
            } else {
                found.push((path, property.clone()));
            }
        }
    }

    #[test]
    fn the_form_has_every_option_in_a_group_and_every_text_in_all_languages() {
        let mut found = Vec::new();
        leaves(form(), "", &mut found);
        let paths: Vec<_> = found.iter().map(|(path, _)| path.as_str()).collect();
        let written = serde_json::to_value(SourceOptions::default()).unwrap();
        for key in written.as_object().unwrap().keys() {
            let is_there = |path: &&str| path.split('.').next() == Some(key);
            assert!(paths.iter().any(is_there), "{key} is not in the form");
        }
        let english = Locale::of("en-US").texts();
        let groups = form()["x-groups"].as_array().unwrap();
        let texts = |value: &Value| {
            let texts = [&value["title"], &value["description"]].map(Clone::clone);
            texts
                .into_iter()
                .filter_map(|text| text.as_str().map(str::to_owned))
                .collect::<Vec<_>>()
        };
        let mut said: Vec<_> = groups.iter().flat_map(texts).collect();
        for (path, property) in &found {
            assert!(property["title"].is_string(), "{path}");
            let group = &property["x-group"];
            assert!(groups.iter().any(|known| known["name"] == *group), "{path}");
            said.extend(texts(property));
            let choices = property["oneOf"].as_array().into_iter().flatten();
            said.extend(choices.flat_map(texts));
        }
        for text in said {
            assert!(
                english.get(&text).is_some(),
                "{text:?} is in no locale file"
            );
        }
    }

    #[test]
    fn the_form_says_how_each_option_is_drawn_and_its_defaults_are_those_of_a_source() {
        for (pointer, widget) in [
            ("/departments", "texts"),
            ("/createAccounts", "checkbox"),
            ("/leavers", "select"),
            ("/safetyLimitPercent", "number"),
            ("/fields/properties/phone", "select"),
            ("/columns/properties/jobNumber/properties/name", "text"),
            ("/schedule/properties/hours", "number"),
        ] {
            let property = form()["properties"].pointer(pointer).unwrap();
            assert_eq!(property["x-widget"], widget, "{pointer}");
        }
        let mut found = Vec::new();
        leaves(form(), "", &mut found);
        let mut filled = json!({});
        for (path, property) in found {
            let default = property["default"].clone();
            let mut at = &mut filled;
            for key in path.split('.') {
                at = &mut at[key];
            }
            *at = default;
        }
        let read = SourceOptions::parse(&filled).unwrap();
        assert_eq!(read, SourceOptions::default());
    }

    #[test]
    fn the_added_columns_come_after_the_fields() {
        let properties = form()["properties"].as_object().unwrap();
        let place = |wanted: &str| properties.keys().position(|key| key == wanted);
        assert_eq!(place("columns"), place("fields").map(|at| at + 1));
    }
}
