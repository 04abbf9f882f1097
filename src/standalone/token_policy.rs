//! `tokenControlConfig:*`: how long tokens and sessions last.

use actix_web::HttpResponse;
use chrono::{DateTime, Utc};
use entity::token_control_config::{Entity, Model};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::domain::token_policy::TokenPolicy;
use crate::edge::error::Problem;
use crate::edge::shape::date;
use crate::edge::{ApiError, Call, envelope, rows};

/// The row.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Policy {
    #[serde(serialize_with = "date")]
    created_at: DateTime<Utc>,
    #[serde(serialize_with = "date")]
    updated_at: DateTime<Utc>,
    key: String,
    config: Value,
    created_by_id: Option<i64>,
    updated_by_id: Option<i64>,
}

impl From<Model> for Policy {
    fn from(row: Model) -> Self {
        Self {
            created_at: row.created_at,
            updated_at: row.updated_at,
            key: row.key,
            config: row.config,
            created_by_id: row.created_by_id,
            updated_by_id: row.updated_by_id,
        }
    }
}

/// `tokenControlConfig:list`.
pub async fn list(call: Call) -> Result<HttpResponse, ApiError> {
    rows::list::<Entity, Policy>(&call).await
}

/// `tokenControlConfig:get`.
pub async fn get(call: Call) -> Result<HttpResponse, ApiError> {
    rows::get::<Entity, Policy>(&call).await
}

#[derive(Default, Deserialize)]
struct PolicyForm {
    config: Option<Value>,
}

/// `tokenControlConfig:update`. A policy with which nobody could sign in is refused.
pub async fn update(call: Call) -> Result<HttpResponse, ApiError> {
    if call.keys().is_empty() {
        return Err(ApiError::NothingToUpdate);
    }
    let Some(row) = rows::first::<Entity>(&call).await? else {
        return Ok(envelope::data([Value::Null; 0]));
    };
    let values: PolicyForm = call.body.parse()?;
    let wrong = TokenPolicy::problems_of(values.config.as_ref().unwrap_or(&row.config));
    if !wrong.is_empty() {
        let problem = |field| Problem {
            field,
            rule: Problem::WRONG,
        };
        return Err(ApiError::Invalid(wrong.into_iter().map(problem).collect()));
    }
    let author = call.caller()?.user.id;
    let saved = call.app.store.save_token_policy(values.config, author);
    let row = saved.await?;
    Ok(envelope::data([Policy::from(row)]))
}
