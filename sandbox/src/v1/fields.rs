//! The JSON body of a call of the new family, and the refusals for missing fields.

use actix_web::{HttpMessage, HttpRequest};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::refusal::Refusal;

/// The fields of a body.
pub struct Fields(Map<String, Value>);

impl Fields {
    /// Parses a body. A body that is absent, not declared as JSON or not an object counts as
    /// missing.
    pub fn read(request: &HttpRequest, body: &[u8]) -> Result<Self, Refusal> {
        if request.content_type() != "application/json" {
            return Err(Refusal::MissingBody);
        }
        serde_json::from_slice(body)
            .map(Self)
            .map_err(|_not_an_object| Refusal::MissingBody)
    }

    /// A required text, which may be empty.
    pub fn text(&self, name: &'static str) -> Result<&str, Refusal> {
        let value = self.0.get(name).and_then(Value::as_str);
        value.ok_or(Refusal::MissingField(name))
    }

    /// A required list of items of one type.
    pub fn list<T: DeserializeOwned>(&self, name: &'static str) -> Result<Vec<T>, Refusal> {
        let list = self.0.get(name).ok_or(Refusal::MissingField(name))?;
        serde_json::from_value(list.clone()).map_err(|_other_form| Refusal::InvalidParameter(name))
    }

    /// A required text.
    pub fn required(&self, name: &'static str) -> Result<&str, Refusal> {
        self.0
            .get(name)
            .and_then(Value::as_str)
            .filter(|value| !value.is_empty())
            .ok_or(Refusal::MissingField(name))
    }
}
