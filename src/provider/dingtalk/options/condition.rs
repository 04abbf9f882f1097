//! Conditions between options: when an option is shown, and when it is required.

use serde_json::Value;

/// The values that other options must have, by their paths; all must match. In the schema it is an
/// object, `{"linkExisting": ["phoneOrEmail"]}`, which the form interprets in the same way.
pub struct Condition(Vec<(String, Vec<Value>)>);

impl Condition {
    /// The condition under this key of a property in the schema, if there is one.
    pub fn read(property: &Value, key: &str) -> Option<Self> {
        let choices = property.get(key)?.as_object()?;
        let choice =
            |(path, values): (&String, &Value)| Some((path.clone(), values.as_array()?.clone()));
        Some(Self(choices.into_iter().filter_map(choice).collect()))
    }

    /// Whether the condition is met. `value` returns the value of an option by its path, or its
    /// default.
    pub fn holds<'a>(&self, value: impl Fn(&str) -> &'a Value) -> bool {
        self.0
            .iter()
            .all(|(path, values)| values.contains(value(path)))
    }
}
