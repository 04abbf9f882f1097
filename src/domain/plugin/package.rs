//! What a `package.json` says about a plugin.

use serde::Serialize;
use serde_json::{Map, Value};

/// A `package.json`, as it was written.
#[derive(Clone, Debug, Serialize)]
#[serde(transparent)]
pub struct PackageJson(Map<String, Value>);

impl PackageJson {
    /// Reads one; nothing when it is no JSON object.
    pub fn parse(text: &[u8]) -> Option<Self> {
        serde_json::from_slice(text).ok().map(Self)
    }

    /// The least that a package says: which it is.
    pub fn bare(name: &str, version: &str) -> Self {
        let fields = [("name", name), ("version", version)];
        Self(
            fields
                .map(|(key, value)| (key.to_owned(), Value::from(value)))
                .into_iter()
                .collect(),
        )
    }

    /// A field as it is.
    pub fn get(&self, field: &str) -> Option<&Value> {
        self.0.get(field)
    }

    /// A field in this language, which NocoBase 2.2.15 keeps beside it: `displayName.zh-CN`. The
    /// field itself where that language is missing.
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
