//! The body of a request: a JSON object or a form, or nothing.

use std::time::Duration;

use actix_web::http::header::{CONTENT_TYPE, HeaderMap};
use actix_web::web;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use tokio::time::timeout;
use url::form_urlencoded;

use super::ApiError;

/// The largest body, in bytes, that is read from somebody with a permission. It is NocoBase's
/// `REQUEST_BODY_LIMIT`.
pub const LIMIT: usize = 10 * 1024 * 1024;

/// The largest body, in bytes, that is read from anybody else who is signed in, and of forms in
/// front of a NocoBase. Parsed JSON can take thirty times the memory of its text, and no form sends
/// more than some kilobytes.
pub const FORM_LIMIT: usize = 1024 * 1024;

/// The largest body, in bytes, that is read from anybody else: many times what the forms of the
/// sign-in page send.
pub const PUBLIC_LIMIT: usize = 64 * 1024;

/// How long it may take until the whole body has arrived.
const TIME: Duration = Duration::from_secs(30);

/// The values that a request sent.
#[derive(Clone, Debug, Default)]
pub struct Body(Value);

impl Body {
    /// Reads the body, of at most `limit` bytes, as its content type says. Other types count as
    /// empty, as in NocoBase.
    pub async fn read(
        headers: &HeaderMap,
        payload: web::Payload,
        limit: usize,
    ) -> Result<Self, ApiError> {
        let Some(format) = Format::of(headers) else {
            return Ok(Self::default());
        };
        let bytes = timeout(TIME, payload.to_bytes_limited(limit)).await;
        let bytes = bytes.map_err(|_| ApiError::BodyBroken)?;
        let bytes = bytes.map_err(|_| ApiError::BodyTooLarge)?;
        let bytes = bytes.map_err(|_| ApiError::BodyBroken)?;
        Self::of(format, &bytes)
    }

    /// Parses these bytes in this format.
    pub(crate) fn of(format: Format, bytes: &[u8]) -> Result<Self, ApiError> {
        if bytes.iter().all(u8::is_ascii_whitespace) {
            return Ok(Self::default());
        }
        match format {
            Format::Json => match serde_json::from_slice(bytes) {
                Ok(value @ (Value::Object(_) | Value::Array(_))) => Ok(Self(value)),
                Ok(_) => Err(ApiError::BodyNotObject),
                Err(_) => Err(ApiError::BodyNotJson),
            },
            Format::Form => {
                let pairs = form_urlencoded::parse(bytes).into_owned();
                let values: Map<_, _> = pairs
                    .map(|(key, value)| (key, Value::String(value)))
                    .collect();
                Ok(Self(Value::Object(values)))
            }
        }
    }

    /// The values as a typed request. Unknown keys are dropped.
    pub fn parse<T: DeserializeOwned + Default>(&self) -> Result<T, ApiError> {
        match &self.0 {
            Value::Object(_) => T::deserialize(&self.0).map_err(|_| ApiError::BodyWrongType),
            _ => Ok(T::default()),
        }
    }

    /// The whole body: an object, a list, or null when there was none.
    pub fn value(&self) -> &Value {
        &self.0
    }

    /// One value.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.0.get(key)
    }
}

/// The format of a body.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Format {
    /// JSON, under any of its content types.
    Json,
    /// The format in which pages send forms.
    Form,
}

impl Format {
    fn of(headers: &HeaderMap) -> Option<Self> {
        let content_type = headers.get(CONTENT_TYPE)?.to_str().ok()?;
        let essence = content_type.split(';').next()?.trim().to_ascii_lowercase();
        match essence.as_str() {
            "application/json" => Some(Self::Json),
            "application/x-www-form-urlencoded" => Some(Self::Form),
            other if other.starts_with("application/") && other.ends_with("+json") => {
                Some(Self::Json)
            }
            _ => None,
        }
    }
}
