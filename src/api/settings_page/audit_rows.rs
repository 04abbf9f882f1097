//! `dingtalkAudit:list`: the audit trail, with names of people and with refusals in words.

use actix_web::HttpResponse;
use chrono::{DateTime, Utc};
use entity::audit::{Entity, Model};
use schemars::JsonSchema;
use serde::Serialize;

use crate::edge::error::Explanation;
use crate::edge::shape::date;
use crate::edge::{ApiError, Call, rows};
use crate::locale::Locale;
use crate::state::AppState;
use crate::store::StoreError;

/// A row, as clients see it.
#[derive(JsonSchema, Serialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::api) struct Row {
    pub(super) id: i64,
    #[schemars(with = "String")]
    #[serde(serialize_with = "date")]
    pub(super) created_at: DateTime<Utc>,
    pub(super) action: String,
    pub(super) result: String,
    pub(super) reason: Option<String>,
    /// The message that the refused person saw, in the language of the request.
    pub(super) reason_text: Option<String>,
    /// What an administrator can do about it.
    pub(super) advice: Option<String>,
    pub(super) user_id: Option<i64>,
    /// What the account is called today; `#` and its id when it is gone.
    pub(super) user_name: Option<String>,
    /// The user ID at the provider of the person who was refused.
    pub(super) person_id: Option<String>,
    /// The name of that person at the provider.
    pub(super) person_name: Option<String>,
    pub(super) actor_id: Option<i64>,
    pub(super) actor_name: Option<String>,
    pub(super) authenticator: Option<String>,
    pub(super) address: String,
    pub(super) user_agent: Option<String>,
    pub(super) request_id: Option<String>,
}

/// Adds names and messages to rows.
pub(super) async fn with_names(
    app: &AppState,
    found: Vec<Model>,
    locale: Locale,
) -> Result<Vec<Row>, StoreError> {
    let ids = found.iter().flat_map(|row| [row.user_id, row.actor_id]);
    let names = app.store.account_names(ids.flatten().collect()).await?;
    let name = |id: Option<i64>| id.and_then(|id| names.get(&id).cloned());
    let row = |row: Model| {
        let reason = row.reason.as_deref();
        let told = reason.and_then(|reason| Explanation::of(reason, &app.providers, locale));
        let (reason_text, advice) =
            told.map_or((None, None), |told| (Some(told.text), told.advice));
        let to_another = reason.filter(|_| row.actor_id.is_some_and(|id| row.user_id != Some(id)));
        let by_hand = to_another
            .and_then(|reason| Explanation::by_hand(reason, &row.action, &app.providers, locale));
        Row {
            id: row.id,
            created_at: row.created_at,
            action: row.action,
            result: row.result,
            reason: row.reason,
            reason_text: by_hand.or(reason_text),
            advice,
            user_name: name(row.user_id),
            user_id: row.user_id,
            person_id: row.person_id,
            person_name: row.person_name,
            actor_name: name(row.actor_id),
            actor_id: row.actor_id,
            authenticator: row.authenticator,
            address: row.address,
            user_agent: row.user_agent,
            request_id: row.request_id,
        }
    };
    Ok(found.into_iter().map(row).collect())
}

/// `dingtalkAudit:list`. Of filtered rows it counts at most ten thousand; pages go on after those.
pub async fn list_audit(call: Call) -> Result<HttpResponse, ApiError> {
    let listing = call.query.listing()?;
    let found = call.app.store.list::<Entity>(&listing).await?;
    let rows = with_names(&call.app, found.rows, call.locale).await?;
    rows::page::<Entity, _>(&call, &listing, rows, found.count).await
}
