//! What became of messages.

use actix_web::HttpResponse;
use chrono::{DateTime, Utc};
use entity::message;
use schemars::JsonSchema;
use serde::Serialize;

use crate::domain::message::explanation;
use crate::edge::shape::date;
use crate::edge::{ApiError, Call, rows};
use crate::locale::Locale;

/// A message to one person.
#[derive(JsonSchema, Serialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::api) struct MessageRow {
    id: i64,
    #[schemars(with = "String")]
    #[serde(serialize_with = "date")]
    created_at: DateTime<Utc>,
    /// When its state last changed.
    #[schemars(with = "String")]
    #[serde(serialize_with = "date")]
    updated_at: DateTime<Utc>,
    /// The same for all receivers of one message.
    send_id: String,
    /// The account.
    user_id: i64,
    /// What the account is called today; `#` and its id when it is gone.
    user_name: Option<String>,
    /// Name of the authenticator.
    authenticator: String,
    /// `workNotification` or `robot`.
    way: String,
    /// The beginning of its title.
    title: String,
    /// The identifier of the person at DingTalk.
    receiver: Option<String>,
    /// `claimed`, `sending`, `sent`, `delivered`, `unknown`, `failed`, `left` or `notBound`.
    state: String,
    /// Why it did not arrive, or waits.
    reason: Option<String>,
    /// The same in words, in the language of the request.
    explanation: Option<String>,
    /// DingTalk's number of the task.
    task: Option<String>,
    /// The account that sent it.
    requested_by_id: Option<i64>,
}

/// `dingtalkMessages:list`: messages, and what became of each.
pub async fn list(call: Call) -> Result<HttpResponse, ApiError> {
    let listing = call.query.listing()?;
    let found = call.app.store.list::<message::Entity>(&listing).await?;
    let ids = found.rows.iter().map(|row| row.user_id).collect();
    let names = call.app.store.account_names(ids).await?;
    let told = found.rows.into_iter().map(|row| {
        let name = names.get(&row.user_id).cloned();
        MessageRow::of(row, name, call.locale)
    });
    rows::page::<message::Entity, _>(&call, &listing, told, found.count).await
}

impl MessageRow {
    fn of(row: message::Model, user_name: Option<String>, locale: Locale) -> Self {
        let reason = row.reason.as_deref();
        Self {
            id: row.id,
            created_at: row.created_at,
            updated_at: row.updated_at,
            send_id: row.send_id,
            user_id: row.user_id,
            user_name,
            authenticator: row.authenticator,
            way: row.way,
            title: row.title,
            receiver: row.receiver,
            state: row.state.name(),
            explanation: reason.map(|code| locale.text(explanation(code)).to_owned()),
            reason: row.reason,
            task: row.task,
            requested_by_id: row.requested_by_id,
        }
    }
}
