//! Exchanges that we answer otherwise.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::Deserialize;

use super::replay::Answer;

/// `tests/contract/differences.json`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Differences {
    /// Why each rule of the comparison is there.
    rules: BTreeMap<String, String>,
    exchanges: Vec<Difference>,
    left_out: Vec<LeftOut>,
}

/// Exchanges that were recorded and are not replayed.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LeftOut {
    pub names: BTreeSet<String>,
    pub reason: String,
}

/// One exchange, and how our answer is another.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Difference {
    name: String,
    pub reason: String,
    /// Our status, where it is another.
    status: Option<u16>,
    /// Message of our first error, where that says more than the status.
    message: Option<String>,
    /// Every place that differs. Where our status is another, it may stand alone.
    #[serde(default)]
    at: BTreeSet<String>,
}

/// Why an exchange is listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum DifferenceKind {
    Deliberate,
    NotImplemented,
    ToBeFixed,
}

impl fmt::Display for DifferenceKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Deliberate => "deliberately different",
            Self::NotImplemented => "not implemented yet",
            Self::ToBeFixed => "to be fixed",
        })
    }
}

impl Difference {
    pub fn kind(&self) -> DifferenceKind {
        if self.reason.starts_with("not implemented yet: ") {
            DifferenceKind::NotImplemented
        } else if self.reason.starts_with("to be fixed: ") {
            DifferenceKind::ToBeFixed
        } else {
            DifferenceKind::Deliberate
        }
    }
}

impl Differences {
    pub fn load() -> Self {
        let file = include_str!("../../contract/differences.json");
        let all: Self = serde_json::from_str(file).unwrap();
        let names: BTreeSet<_> = all.names().collect();
        assert_eq!(names.len(), all.exchanges.len(), "each is listed once");
        all
    }

    pub fn of(&self, name: &str) -> Option<&Difference> {
        self.exchanges.iter().find(|listed| listed.name == name)
    }

    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.exchanges.iter().map(|listed| listed.name.as_str())
    }

    pub fn left_out(&self) -> &[LeftOut] {
        &self.left_out
    }

    pub fn rules(&self) -> impl Iterator<Item = &str> {
        self.rules.keys().map(String::as_str)
    }

    pub fn has_rule(&self, rule: &str) -> bool {
        self.rules.contains_key(rule)
    }
}

/// Whether an answer differs where it is meant to and nowhere else; if not, why.
pub fn verdict(
    listed: Option<&Difference>,
    found: &BTreeSet<String>,
    answer: &Answer,
) -> Result<(), String> {
    let Some(listed) = listed else {
        return if found.is_empty() {
            Ok(())
        } else {
            Err(format!("differs at {found:?}"))
        };
    };
    if found.is_empty() {
        return Err("is equal now: take it off the list".to_owned());
    }
    if listed.status.is_some_and(|status| status != answer.status) {
        return Err(format!("differs at {found:?}, with another status"));
    }
    if listed.message.is_some() && listed.message.as_deref() != answer.message() {
        return Err(format!("differs at {found:?}, with another message"));
    }
    let status_only = listed.at.is_empty() && listed.status.is_some() && found.contains("status");
    if status_only || listed.at == *found {
        Ok(())
    } else {
        Err(format!("differs at {found:?}, not at {:?}", listed.at))
    }
}
