//! The plugins that a request names.

use serde::Serialize;

use crate::edge::address::Address;
use crate::edge::error::PluginRefusal;
use crate::edge::query::Query;

/// The longest name of an npm package, in bytes.
const LONGEST_NAME: usize = 214;

/// `filterByTk` of `pm:*`, which is the only resource of NocoBase 2.2.15 where commas separate
/// keys.
#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Keys {
    /// One value, which may hold several names.
    One(String),
    /// A list.
    Several(Vec<String>),
}

impl Keys {
    /// The names in the path or the query; none when there are none.
    pub fn of(address: &Address, query: &Query) -> Option<Self> {
        if let Some(key) = &address.key {
            return Some(Self::One(key.clone()));
        }
        let mut values = query.keys();
        let list = values.len() > 1 || query.get("filterByTk").is_none();
        match (list, values.len()) {
            (_, 0) => None,
            (true, _) => Some(Self::Several(values)),
            (false, _) => values.pop().map(Self::One),
        }
    }

    /// The names. A name that no plugin can have is refused, because names are repeated in messages
    /// to all pages.
    pub fn names(&self) -> Result<Vec<String>, PluginRefusal> {
        let values = match self {
            Self::One(value) => std::slice::from_ref(value),
            Self::Several(values) => values,
        };
        let names: Vec<_> = values
            .iter()
            .flat_map(|value| value.split(','))
            .map(|name| name.trim().to_owned())
            .collect();
        if names.is_empty() || !names.iter().all(|name| is_name(name)) {
            return Err(PluginRefusal::InvalidName);
        }
        Ok(names)
    }
}

fn is_name(name: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '@' | '/' | '-' | '_' | '.');
    (1..=LONGEST_NAME).contains(&name.len()) && name.chars().all(allowed) && !name.contains("..")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_separated_by_commas_and_checked() {
        let names = |text: &str| Keys::One(text.to_owned()).names();
        assert_eq!(names("auth").unwrap(), ["auth"]);
        assert_eq!(names("@a/b-c, d_e").unwrap(), ["@a/b-c", "d_e"]);
        let long = "x".repeat(LONGEST_NAME + 1);
        for bad in ["", " ", ",", "a,", "../x", "a b", "<b>", "é", long.as_str()] {
            assert_eq!(names(bad), Err(PluginRefusal::InvalidName), "{bad:?}");
        }
        let several = Keys::Several(vec!["a".to_owned(), "b,c".to_owned()]);
        assert_eq!(several.names().unwrap(), ["a", "b", "c"]);
        assert!(Keys::Several(Vec::new()).names().is_err());
    }
}
