//! `dingtalkAudit:*` — what the audit trail holds.

use actix_web::HttpResponse;
use chrono::{DateTime, Utc};
use entity::audit::{Entity, Model};
use schemars::JsonSchema;
use serde::Serialize;

use crate::edge::shape::date;
use crate::edge::{ApiError, Call, rows};

/// A row, as clients see it.
#[derive(JsonSchema, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Row {
    id: i64,
    #[schemars(with = "String")]
    #[serde(serialize_with = "date")]
    created_at: DateTime<Utc>,
    action: String,
    result: String,
    reason: Option<String>,
    user_id: Option<i64>,
    actor_id: Option<i64>,
    authenticator: Option<String>,
    address: String,
    user_agent: Option<String>,
    request_id: Option<String>,
}

impl From<Model> for Row {
    fn from(row: Model) -> Self {
        Self {
            id: row.id,
            created_at: row.created_at,
            action: row.action,
            result: row.result,
            reason: row.reason,
            user_id: row.user_id,
            actor_id: row.actor_id,
            authenticator: row.authenticator,
            address: row.address,
            user_agent: row.user_agent,
            request_id: row.request_id,
        }
    }
}

/// `dingtalkAudit:list`.
pub async fn list(call: Call) -> Result<HttpResponse, ApiError> {
    rows::list::<Entity, Row>(&call).await
}
