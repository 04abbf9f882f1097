//! Ids that a database gave after it had refused a row. Some count such a row and some do not, so
//! the recording has names for them: `{{id:X}}` is what the first answer that has it says.

use std::collections::BTreeMap;

/// Ids by their name in the recording.
#[derive(Default)]
pub struct Ids(BTreeMap<String, i64>);

impl Ids {
    /// Whether an answer has the id that earlier answers had.
    pub fn is_same(&mut self, name: &str, id: Option<i64>) -> bool {
        let Some(id) = id else {
            return false;
        };
        *self.0.entry(name.to_owned()).or_insert(id) == id
    }

    /// Replaces the names of ids by the ids.
    pub fn fill(&self, text: &str) -> String {
        self.0.iter().fold(text.to_owned(), |text, (name, id)| {
            text.replace(name, &id.to_string())
        })
    }
}

/// Whether this text stands for an id.
pub fn is_name(text: &str) -> bool {
    text.starts_with("{{id:")
}
