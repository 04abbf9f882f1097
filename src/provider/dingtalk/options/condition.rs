//! What an option depends on: with which values of others it is shown, and with which it must be set.

use serde_json::Value;

/// Values that other options must have, by their paths; all of them. The schema writes it as an
/// object, `{"linkExisting": ["phoneOrEmail"]}`, which the form reads in the same way.
pub struct Condition(Vec<(String, Vec<Value>)>);

impl Condition {
    /// The condition that the schema has under a key; none when it has none.
    pub fn read(property: &Value, key: &str) -> Option<Self> {
        let choices = property.get(key)?.as_object()?;
        let choice =
            |(path, values): (&String, &Value)| Some((path.clone(), values.as_array()?.clone()));
        Some(Self(choices.into_iter().filter_map(choice).collect()))
    }

    /// Whether it holds; `value` gives the value of an option by its path, the default where it is
    /// not set.
    pub fn holds<'a>(&self, value: impl Fn(&str) -> &'a Value) -> bool {
        self.0
            .iter()
            .all(|(path, values)| values.contains(value(path)))
    }
}
