//! The JSON body of a call of the new family, and the refusals for what is missing in it.

use actix_web::{HttpMessage, HttpRequest};
use serde_json::{Map, Value};

use super::refusal::Refusal;

/// The fields of a body.
pub struct Fields(Map<String, Value>);

impl Fields {
    /// Reads a body. One that is absent, not declared as JSON or not an object counts as missing.
    pub fn read(request: &HttpRequest, body: &[u8]) -> Result<Self, Refusal> {
        if request.content_type() != "application/json" {
            return Err(Refusal::MissingBody);
        }
        serde_json::from_slice(body)
            .map(Self)
            .map_err(|_not_an_object| Refusal::MissingBody)
    }

    /// A text that must be there.
    pub fn required(&self, name: &'static str) -> Result<&str, Refusal> {
        self.0
            .get(name)
            .and_then(Value::as_str)
            .filter(|value| !value.is_empty())
            .ok_or(Refusal::MissingField(name))
    }
}
