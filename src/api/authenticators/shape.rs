//! An authenticator as an administrator sees it: with everything but its secrets.

use chrono::{DateTime, Utc};
use entity::authenticator;
use serde::Serialize;
use serde_json::Value;

use crate::api::shape::date;
use crate::api::{ApiError, Call};
use crate::domain::environment;
use crate::provider;

/// Stands in for a secret. Sent back, it means the one that is stored.
pub const MASK: &str = "********";

/// A row without `sort`, which NocoBase hides.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Authenticator {
    id: i64,
    #[serde(serialize_with = "date")]
    created_at: DateTime<Utc>,
    #[serde(serialize_with = "date")]
    updated_at: DateTime<Utc>,
    name: String,
    auth_type: String,
    title: Option<String>,
    description: String,
    options: Value,
    enabled: Option<bool>,
    created_by_id: Option<i64>,
    updated_by_id: Option<i64>,
}

impl From<authenticator::Model> for Authenticator {
    fn from(row: authenticator::Model) -> Self {
        Self {
            id: row.id,
            created_at: row.created_at,
            updated_at: row.updated_at,
            options: masked(&row.auth_type, &row.options),
            name: row.name,
            auth_type: row.auth_type,
            title: row.title,
            description: row.description,
            enabled: row.enabled,
            created_by_id: row.created_by_id,
            updated_by_id: row.updated_by_id,
        }
    }
}

impl Authenticator {
    /// A row that was just written: with its variables filled in, as far as an administrator may
    /// see them.
    pub async fn written(call: &Call, row: authenticator::Model) -> Result<Self, ApiError> {
        let mut shown = Self::from(row);
        shown.options = environment::shown(&call.app.store, &shown.options).await?;
        Ok(shown)
    }
}

/// The options with a mask in place of each secret that is set.
pub(crate) fn masked(auth_type: &str, options: &Value) -> Value {
    let mut options = provider::inherited(auth_type, options).into_owned();
    for secret in provider::secret_options(auth_type) {
        // A variable says where the secret is, and not what.
        let set = |value: &&mut Value| {
            let text = value.as_str();
            text.is_none_or(|text| !text.is_empty() && !environment::is_variable(text))
        };
        if let Some(value) = options.get_mut(*secret).filter(set) {
            *value = Value::from(MASK);
        }
    }
    options
}
