//! The recorded exchanges.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::tokens::Mint;

/// One request, and what NocoBase answered.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Record {
    pub name: String,
    pub method: String,
    pub path: String,
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// Sent as JSON.
    pub body: Option<Value>,
    /// Sent as it is.
    pub raw_body: Option<String>,
    /// Tokens that nobody got by signing in.
    #[serde(default)]
    pub mint: BTreeMap<String, Mint>,
    pub status: u16,
    #[serde(default)]
    pub response_headers: Map<String, Value>,
    /// Neither this nor `response_text`: the body is not compared.
    pub response: Option<Value>,
    pub response_text: Option<String>,
    /// For people.
    #[serde(rename = "note")]
    _note: Option<String>,
}

impl Record {
    /// Status and body, for a message.
    pub fn summary(&self) -> String {
        let body = match (&self.response, &self.response_text) {
            (Some(json), _) => json.to_string(),
            (None, Some(text)) => text.clone(),
            (None, None) => String::new(),
        };
        let headers = Value::Object(self.response_headers.clone());
        format!("{} {body} {headers}", self.status)
    }
}

/// Every exchange, in the order in which they were recorded.
pub fn all() -> Vec<Record> {
    let lines = include_str!("../../contract/recorded.jsonl").lines();
    lines
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}")))
        .collect()
}
