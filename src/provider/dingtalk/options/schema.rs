//! The JSON Schema of the options, and the validation by it.

use std::sync::LazyLock;

use serde::Deserialize;
use serde_json::{Map, Value, json};
use validator::Validate;

use super::DingTalkOptions;
use super::condition::Condition;
use crate::domain::form_schema::{schema_of, shape};
use crate::domain::identity_provider::OptionProblem;
use crate::normalization;

/// The problem of a missing value.
const REQUIRED: &str = "{{field}} is required";
/// The problem of a value that has the wrong type, or breaks its own rule.
const WRONG: &str = "{{field}} is not valid";

/// An option, as the schema describes it.
struct Field {
    path: String,
    pointer: String,
    title: String,
    rule: String,
    is_required: bool,
    is_secret: bool,
    default: Value,
    /// When the option has a meaning; always if there is none.
    when: Option<Condition>,
    /// When the option must be set.
    required_when: Option<Condition>,
}

static SCHEMA: LazyLock<Value> = LazyLock::new(make_schema);
static FIELDS: LazyLock<Vec<Field>> = LazyLock::new(|| {
    let mut fields = Vec::new();
    collect(&SCHEMA, "", &mut fields);
    fields
});
static SECRETS: LazyLock<Vec<&'static str>> = LazyLock::new(|| {
    let secret = FIELDS.iter().filter(|field| field.is_secret);
    secret.map(|field| field.path.as_str()).collect()
});

/// The JSON Schema of the options, with the keywords of [`form_schema`](crate::domain::form_schema) and with `x-rule`, which
/// says what the values must be.
pub fn schema() -> &'static Value {
    &SCHEMA
}

/// The keys of secret options.
pub fn secrets() -> &'static [&'static str] {
    &SECRETS
}

/// All problems of options that an administrator wants to save.
pub fn problems_of(options: &Value) -> Vec<OptionProblem> {
    check(options).1
}

/// Removes from texts the invisible characters that come with pasting.
pub fn tidy(options: &mut Value) {
    for field in FIELDS.iter() {
        if let Some(Value::String(text)) = options.pointer_mut(&field.pointer) {
            *text = normalization::normalized(text);
        }
    }
}

/// The known options that are set, and the problems of all options. Null and blank texts count as
/// not set.
pub(super) fn check(options: &Value) -> (Map<String, Value>, Vec<OptionProblem>) {
    let mut known = Map::new();
    let mut problems = Vec::new();
    // Rows may still contain pasted texts: from an older release, or from another program.
    let mut tidied = options.clone();
    tidy(&mut tidied);
    let options = &tidied;
    for group in groups(options) {
        problems.push(OptionProblem {
            path: group,
            title: group,
            rule: WRONG,
        });
    }
    // Each value is validated together with valid values for the others, so that no problem hides
    // another.
    for field in FIELDS.iter() {
        // An option without a meaning is not shown, so nobody could correct it.
        let holds = |when: &Condition| when.holds(|path| value_in(options, path));
        let has_meaning = field.when.as_ref().is_none_or(holds);
        let value = set(options, field);
        let is_empty = value.is_none_or(|value| value.as_array().is_some_and(Vec::is_empty));
        if is_empty && has_meaning && field.must_be_set(options) {
            problems.push(field.problem(REQUIRED));
            continue;
        }
        let Some(value) = value else { continue };
        let mut alone = sample();
        insert(&mut alone, &field.path, value.clone());
        if !breaks_rule(alone) {
            insert(&mut known, &field.path, value.clone());
        } else if has_meaning {
            problems.push(field.problem(&field.rule));
        }
    }
    (known, problems)
}

/// The value of an option that is set.
fn set<'a>(options: &'a Value, field: &Field) -> Option<&'a Value> {
    options
        .pointer(&field.pointer)
        .filter(|value| is_set(value))
}

/// The value of an option by its path, or its default.
fn value_in<'a>(options: &'a Value, path: &str) -> &'a Value {
    let field = FIELDS.iter().find(|field| field.path == path);
    field.map_or(&Value::Null, |field| {
        set(options, field).unwrap_or(&field.default)
    })
}

impl Field {
    fn must_be_set(&self, options: &Value) -> bool {
        let holds = |when: &Condition| when.holds(|path| value_in(options, path));
        self.is_required || self.required_when.as_ref().is_some_and(holds)
    }

    fn problem(&'static self, rule: &'static str) -> OptionProblem {
        OptionProblem {
            path: &self.path,
            title: &self.title,
            rule,
        }
    }
}

/// The keys that hold other options.
fn groups(options: &Value) -> impl Iterator<Item = &'static str> {
    let groups = FIELDS.iter().filter_map(|field| field.path.split_once('.'));
    let mut names: Vec<_> = groups.map(|(group, _)| group).collect();
    names.dedup();
    let wrong = |group: &&str| {
        let value = options.get(*group).unwrap_or(&Value::Null);
        !value.is_null() && !value.is_object()
    };
    names
        .into_iter()
        .filter(wrong)
        .collect::<Vec<_>>()
        .into_iter()
}

pub(super) fn is_set(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::String(text) => !text.trim().is_empty(),
        _ => true,
    }
}

/// Valid values for the required options.
fn sample() -> Map<String, Value> {
    let required = FIELDS.iter().filter(|field| field.is_required);
    required
        .map(|field| (field.path.clone(), json!("x")))
        .collect()
}

fn insert(options: &mut Map<String, Value>, path: &str, value: Value) {
    match path.split_once('.') {
        None => {
            options.insert(path.to_owned(), value);
        }
        Some((group, rest)) => {
            let below = options.entry(group).or_insert_with(|| json!({}));
            if let Some(below) = below.as_object_mut() {
                insert(below, rest, value);
            }
        }
    }
}

fn breaks_rule(options: Map<String, Value>) -> bool {
    match DingTalkOptions::deserialize(Value::Object(options)) {
        Err(_) => true,
        Ok(options) => options.validate().is_err(),
    }
}

fn make_schema() -> Value {
    let mut schema = schema_of::<DingTalkOptions>();
    shape(&mut schema);
    schema
}

fn collect(group: &Value, above: &str, fields: &mut Vec<Field>) {
    let required = group["required"].as_array();
    let is_required = |key: &str| required.is_some_and(|keys| keys.iter().any(|one| one == key));
    let properties = group["properties"].as_object();
    for (key, property) in properties.into_iter().flatten() {
        let path = if above.is_empty() {
            key.clone()
        } else {
            format!("{above}.{key}")
        };
        if property.get("properties").is_some() {
            collect(property, &path, fields);
            continue;
        }
        let text = |name: &str| property[name].as_str().map(str::to_owned);
        fields.push(Field {
            pointer: format!("/{}", path.replace('.', "/")),
            title: text("title").unwrap_or_else(|| key.clone()),
            rule: text("x-rule").unwrap_or_else(|| WRONG.to_owned()),
            is_required: is_required(key),
            is_secret: property["writeOnly"] == true,
            default: property["default"].clone(),
            when: Condition::read(property, "x-when"),
            required_when: Condition::read(property, "x-required"),
            path,
        });
    }
}
