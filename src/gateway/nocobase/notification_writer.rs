//! Changes NocoBase's inbox and notification log through its API, after messages went to people at a provider.

use std::sync::{Arc, Weak};

use async_trait::async_trait;
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use entity::forwarded_send;
use serde_json::{Value, json};

use super::client::NocoBase;
use crate::domain::forwarding::{NotificationWriter, NotificationWriterError, digest};
use crate::state::AppState;

/// Lines of the log that are looked through for that of a send.
const LINES: &str = "50";
/// Messages that one question names.
const MESSAGES: usize = 50;

/// Writes to the NocoBase behind this gateway.
pub struct NocoBaseNotificationWriter(Weak<AppState>);

impl NocoBaseNotificationWriter {
    /// The writer of this gateway.
    pub fn of(app: &Arc<AppState>) -> Self {
        Self(Arc::downgrade(app))
    }

    async fn nocobase(&self, account: i64) -> Result<NocoBase, NotificationWriterError> {
        let app = self.0.upgrade().ok_or("the server ends")?;
        Ok(NocoBase::as_account(&app, account).await?)
    }
}

#[async_trait]
impl NotificationWriter for NocoBaseNotificationWriter {
    async fn remove_from_inbox(
        &self,
        account: i64,
        ids: &[String],
    ) -> Result<(), NotificationWriterError> {
        let nocobase = self.nocobase(account).await?;
        for ids in ids.chunks(MESSAGES) {
            let filter = json!({"id": {"$in": ids}}).to_string();
            let query = [("filter", filter.as_str())];
            nocobase
                .post("notificationInAppMessages:destroy", &query, &json!({}))
                .await?;
        }
        Ok(())
    }

    async fn record_failure(
        &self,
        send: &forwarded_send::Model,
        reason: &str,
    ) -> Result<bool, NotificationWriterError> {
        let nocobase = self.nocobase(send.account_id).await?;
        let received = DateTime::from_timestamp_millis(send.received_ms).unwrap_or_default();
        // The line is written after the rows, both by NocoBase's clock. Not every database keeps milliseconds.
        let since = (received - TimeDelta::seconds(1)).to_rfc3339_opts(SecondsFormat::Millis, true);
        let filter = json!({"channelName": send.channel, "createdAt": {"$gte": since}}).to_string();
        let query = [
            ("filter", filter.as_str()),
            ("sort", "createdAt"),
            ("pageSize", LINES),
            ("fields", "id,message,createdAt"),
        ];
        let lines = nocobase.get("notificationSendLogs:list", &query).await?;
        let is_of_send = |line: &&Value| {
            let text = |key| line.get("message")?.get(key)?.as_str();
            let [title, content] = ["title", "content"].map(|key| text(key).unwrap_or_default());
            digest(title, content) == send.digest
        };
        let lines = lines.as_array().into_iter().flatten().filter(is_of_send);
        let lines: Vec<_> = lines.collect();
        // The same words may have been sent again a moment before.
        let is_later = |line: &&&Value| {
            let at = line.get("createdAt").and_then(Value::as_str);
            let at = at.and_then(|at| at.parse::<DateTime<Utc>>().ok());
            at.is_some_and(|at| at >= received)
        };
        let line = lines.iter().find(is_later).or(lines.last()).copied();
        let Some(id) = line.and_then(|line| line.get("id")?.as_str()) else {
            return Ok(false);
        };
        let values = json!({"status": "failure", "reason": reason});
        let query = [("filterByTk", id)];
        nocobase
            .post("notificationSendLogs:update", &query, &values)
            .await?;
        Ok(true)
    }
}
