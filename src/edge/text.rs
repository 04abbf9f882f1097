//! Texts in request bodies.

use serde::Deserialize;
use serde_json::{Number, Value};

use super::ApiError;
use crate::store::{is_storable, is_too_long};

/// A string, or a number that NocoBase reads as one. Lists and objects, out of which NocoBase
/// 2.2.15 makes texts or even search operators, are refused.
#[derive(Deserialize)]
#[serde(untagged)]
pub enum Text {
    /// A string.
    String(String),
    /// A number.
    Number(Number),
}

impl Text {
    /// The text.
    pub fn into_string(self) -> String {
        match self {
            Self::String(text) => text,
            Self::Number(number) => number.to_string(),
        }
    }

    /// The text, if a string column can hold it.
    pub fn into_column(self) -> Result<String, ApiError> {
        let text = self.into_string();
        if is_too_long(&text) {
            return Err(ApiError::BodyTextTooLong);
        }
        if !is_storable(&text) {
            return Err(ApiError::BodyWrongType);
        }
        Ok(text)
    }

    /// The text of a value for a column; nothing for null.
    pub fn of(value: &Value) -> Result<Option<String>, ApiError> {
        let text = Option::<Self>::deserialize(value).map_err(|_| ApiError::BodyWrongType)?;
        text.map(Self::into_column).transpose()
    }
}
