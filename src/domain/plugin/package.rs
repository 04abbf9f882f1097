//! The description of a plugin in its `package.json`.

use serde::Serialize;
use serde_json::{Map, Value};

/// The contents of a `package.json`.
#[derive(Clone, Debug, Serialize)]
#[serde(transparent)]
pub struct PackageJson(Map<String, Value>);

impl PackageJson {
    /// Parses a file; none when it is not a JSON object.
    pub fn parse(text: &[u8]) -> Option<Self> {
        serde_json::from_slice(text).ok().map(Self)
    }

    /// The description of a package of which only name and version are known.
    pub fn bare(name: &str, version: &str) -> Self {
        let fields = [("name", name), ("version", version)];
        Self(
            fields
                .map(|(key, value)| (key.to_owned(), Value::from(value)))
                .into_iter()
                .collect(),
        )
    }

    /// The value of a field.
    pub fn get(&self, field: &str) -> Option<&Value> {
        self.0.get(field)
    }

    /// A field in this language. NocoBase 2.2.15 stores translations beside the field, as
    /// `displayName.zh-CN`; without one, the field itself is returned.
    pub fn text(&self, field: &str, language: &str) -> Option<&str> {
        let translated = self.0.get(&format!("{field}.{language}"));
        translated
            .and_then(Value::as_str)
            .or_else(|| self.0.get(field)?.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_follow_the_language_and_fall_back() {
        let text = r#"{"displayName":"Door","displayName.fr-FR":"Porte","description":1}"#;
        let package = PackageJson::parse(text.as_bytes()).unwrap();
        assert_eq!(package.text("displayName", "fr-FR"), Some("Porte"));
        assert_eq!(package.text("displayName", "ja-JP"), Some("Door"));
        assert_eq!(package.text("displayName", ""), Some("Door"));
        assert_eq!(package.text("description", "fr-FR"), None);
        assert_eq!(package.text("homepage", "fr-FR"), None);
        assert!(PackageJson::parse(b"[]").is_none());
    }
}
