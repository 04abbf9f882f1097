//! An authenticator as an administrator sees it: with everything except its secrets.

use chrono::{DateTime, Utc};
use entity::authenticator;
use serde::Serialize;
use serde_json::Value;

use crate::domain::environment;
use crate::domain::identity_provider::Providers;
use crate::edge::shape::date;
use crate::edge::{ApiError, Call};

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

impl Authenticator {
    /// A stored row, with a mask in place of each secret.
    pub fn of(providers: &Providers, row: authenticator::Model) -> Self {
        Self {
            id: row.id,
            created_at: row.created_at,
            updated_at: row.updated_at,
            options: providers.masked(&row.auth_type, &row.options),
            name: row.name,
            auth_type: row.auth_type,
            title: row.title,
            description: row.description,
            enabled: row.enabled,
            created_by_id: row.created_by_id,
            updated_by_id: row.updated_by_id,
        }
    }

    /// A row that was just written, with its variables filled in as far as an administrator may see
    /// them.
    pub async fn written(call: &Call, row: authenticator::Model) -> Result<Self, ApiError> {
        let mut shown = Self::of(&call.app.providers, row);
        shown.options = environment::shown(&call.app.store, &shown.options).await?;
        Ok(shown)
    }
}
