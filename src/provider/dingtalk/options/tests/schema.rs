//! What the schema tells the form.

use crate::locale::Locale;
use serde_json::{Value, json};

use super::super::{form, schema, secrets};

/// A title, help text or rule that is missing in `locale/` would be in English for everybody.
#[test]
fn every_text_of_the_schema_can_be_translated() {
    fn texts(value: &Value, found: &mut Vec<String>) {
        match value {
            Value::Object(fields) => {
                for (key, value) in fields {
                    match value {
                        Value::String(text)
                            if ["title", "description", "x-rule", "text", "link"]
                                .contains(&key.as_str()) =>
                        {
                            found.push(text.clone());
                        }
                        value => texts(value, found),
                    }
                }
            }
            Value::Array(values) => values.iter().for_each(|value| texts(value, found)),
            _ => {}
        }
    }
    let mut found = Vec::new();
    texts(form(), &mut found);
    assert!(found.len() > 30);
    let english = Locale::of("en-US").texts();
    for text in found {
        assert!(
            english.get(&text).is_some(),
            "{text:?} is in no locale file"
        );
    }
}

#[test]
fn the_schema_says_how_to_draw_each_option() {
    let properties = &schema()["properties"];
    for (pointer, widget) in [
        ("/clientId", "text"),
        ("/clientSecret", "secret"),
        ("/bindBy", "select"),
        ("/membersOnly", "checkbox"),
        ("/profileFields", "checkboxes"),
        ("/newUserRoles", "checkboxes"),
        ("/public/properties/autoSignup", "checkbox"),
        ("/public/properties/autoSignIn", "checkbox"),
        ("/public/properties/autoSignInBy", "select"),
    ] {
        let field = properties.pointer(pointer).unwrap();
        assert_eq!(field["x-widget"], widget, "{pointer}");
    }
    assert_eq!(schema()["required"], json!(["clientId", "clientSecret"]));
    assert_eq!(properties["bindBy"]["default"], "userId");
    assert_eq!(properties["membersOnly"]["default"], true);
    assert_eq!(secrets(), ["clientSecret"]);
    let keys: Vec<_> = properties.as_object().unwrap().keys().collect();
    assert_eq!(keys[..4], ["clientId", "clientSecret", "public", "corpId"]);
    let keys: Vec<_> = form()["properties"].as_object().unwrap().keys().collect();
    let first = ["clientId", "clientSecret", "redirectUrl", "public"];
    assert_eq!(keys[..4], first);
}

#[test]
fn every_group_and_condition_names_what_there_is() {
    let groups: Vec<_> = schema()["x-groups"].as_array().unwrap().iter().collect();
    let named: Vec<_> = groups.iter().map(|group| &group["name"]).collect();
    let properties = schema()["properties"].as_object().unwrap();
    let public = properties["public"]["properties"].as_object().unwrap();
    let fields = || {
        let outer = properties.iter().map(|(key, field)| (key.clone(), field));
        let inner = public.iter();
        outer.chain(inner.map(|(key, field)| (format!("public.{key}"), field)))
    };
    for (path, field) in fields() {
        let group = &field["x-group"];
        assert!(group.is_null() || named.contains(&group), "{path}: {group}");
        for condition in ["x-when", "x-required"] {
            for (other, values) in field[condition].as_object().into_iter().flatten() {
                assert!(fields().any(|(path, _)| path == *other), "{path}: {other}");
                assert!(!values.as_array().unwrap().is_empty(), "{path}: {values}");
            }
        }
    }
    for group in named {
        assert!(
            fields().any(|(_, field)| field["x-group"] == *group),
            "{group}"
        );
    }
}
