//! Data tables as the web client describes them: their fields, titles and components. Names, types
//! and components are those of NocoBase 2.2.15.

use serde_json::{Map, Value, json};

/// The table of accounts.
pub fn users() -> Value {
    json!({
        "name": "users",
        "title": title("Users"),
        "titleField": "nickname",
        "filterTargetKey": "id",
        "fields": [
            {
                "name": "id", "type": "bigInt", "interface": "integer",
                "primaryKey": true, "autoIncrement": true, "allowNull": false,
                "uiSchema": {
                    "type": "number", "title": title("ID"), "x-component": "InputNumber", "x-read-pretty": true,
                },
            },
            text("nickname", "Nickname", "input", Value::Null),
            text("username", "Username", "input", json!({"username": true})),
            text("email", "Email", "email", json!("email")),
            text("phone", "Phone", "input", Value::Null),
            {
                "name": "password", "type": "password", "interface": "password", "hidden": true,
                "uiSchema": {"type": "string", "title": title("Password"), "x-component": "Password"},
            },
            {
                "name": "roles", "type": "belongsToMany", "interface": "m2m",
                "target": "roles", "through": "rolesUsers",
                "sourceKey": "id", "foreignKey": "userId", "otherKey": "roleName", "targetKey": "name",
                "uiSchema": {
                    "type": "array", "title": title("Roles"), "x-component": "AssociationField",
                    "x-component-props": {
                        "multiple": true, "fieldNames": {"label": "title", "value": "name"},
                    },
                },
            },
        ],
    })
}

/// The table of roles, as far as accounts refer to it.
pub fn roles() -> Value {
    let mut name = text("name", "Role UID", "input", Value::Null);
    name.insert("primaryKey".to_owned(), Value::Bool(true));
    let mut label = text("title", "Role name", "input", Value::Null);
    // The titles of the first roles are templates.
    label.insert("translation".to_owned(), Value::Bool(true));
    json!({
        "name": "roles",
        "title": title("Roles"),
        "titleField": "title",
        "filterTargetKey": "name",
        "fields": [name, label],
    })
}

/// A field that holds a line of text.
fn text(name: &str, label: &str, interface: &str, validator: Value) -> Map<String, Value> {
    let input = [
        ("type", json!("string")),
        ("title", json!(title(label))),
        ("x-component", json!("Input")),
        ("x-validator", validator),
    ];
    let input = input.into_iter().filter(|(_, value)| !value.is_null());
    let field = [
        ("name", json!(name)),
        ("type", json!("string")),
        ("interface", json!(interface)),
        ("uiSchema", named(input)),
    ];
    field
        .map(|(key, value)| (key.to_owned(), value))
        .into_iter()
        .collect()
}

fn named(values: impl Iterator<Item = (&'static str, Value)>) -> Value {
    values.map(|(key, value)| (key.to_owned(), value)).collect()
}

/// A text that the client translates.
fn title(english: &str) -> String {
    format!("{{{{t(\"{english}\")}}}}")
}
