//! The query string: its parameters, and what they say about a list.

mod filter;
mod listing;
mod parameter_tree;
mod selection;

use serde_json::Value;
use url::form_urlencoded;

/// Parameters, in the order in which they were sent.
#[derive(Clone, Debug, Default)]
pub struct Query {
    pairs: Vec<(String, String)>,
    tree: Value,
}

impl Query {
    /// Parses a query string. No text is refused.
    pub fn parse(text: &str) -> Self {
        let pairs: Vec<_> = form_urlencoded::parse(text.as_bytes())
            .into_owned()
            .collect();
        let tree = parameter_tree::tree(&pairs);
        Self { pairs, tree }
    }

    /// The first value of a parameter, unless it is empty.
    pub fn get(&self, name: &str) -> Option<&str> {
        let value = self
            .pairs
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str());
        value.filter(|value| !value.is_empty())
    }

    /// How often a parameter was sent.
    pub fn count(&self, name: &str) -> usize {
        self.pairs.iter().filter(|(key, _)| key == name).count()
    }

    /// The words of a list parameter: `name=a,b`, `name[]=a&name[]=b`, or both.
    pub fn words(&self, name: &str) -> Vec<&str> {
        let texts = match self.tree.get(name) {
            Some(Value::Array(items)) => items.iter().filter_map(Value::as_str).collect(),
            Some(Value::String(text)) => vec![text.as_str()],
            _ => Vec::new(),
        };
        let words = texts.into_iter().flat_map(|text| text.split(','));
        words
            .map(str::trim)
            .filter(|word| !word.is_empty())
            .collect()
    }

    /// Keys of rows: `filterByTk=a` or `filterByTk[]=a&filterByTk[]=b`. A comma is part of a key.
    pub fn keys(&self) -> Vec<String> {
        match self.tree.get("filterByTk") {
            Some(Value::Array(items)) => items
                .iter()
                .filter_map(Value::as_str)
                .map(str::to_owned)
                .collect(),
            Some(Value::String(text)) if !text.is_empty() => vec![text.clone()],
            _ => Vec::new(),
        }
    }
}
