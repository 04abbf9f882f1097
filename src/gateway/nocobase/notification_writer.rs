//! Changes NocoBase's inbox and notification log through its API, after messages went to people at a provider.

use std::sync::{Arc, Weak};

use async_trait::async_trait;
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use entity::forwarded_send;
use serde_json::{Value, json};

use super::client::NocoBase;
use crate::domain::forwarding::{NotificationWriter, NotificationWriterError, digest};
use crate::state::AppState;

/// Lines of one page of the log. NocoBase gives 200 at most.
const LINES: usize = 100;
/// Pages that are looked through for the line of a send.
const PAGES: usize = 20;
/// NocoBase writes the line after the rows. Lines that are so much later are of other sends.
const LATEST: TimeDelta = TimeDelta::minutes(10);
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
        let Some(id) = line_of(&nocobase, send).await? else {
            return Ok(false);
        };
        let values = json!({"status": "failure", "reason": reason});
        let query = [("filterByTk", id.as_str())];
        nocobase
            .post("notificationSendLogs:update", &query, &values)
            .await?;
        Ok(true)
    }
}

/// The id of the line that the log has of a send.
async fn line_of(
    nocobase: &NocoBase,
    send: &forwarded_send::Model,
) -> Result<Option<String>, NotificationWriterError> {
    let received = DateTime::from_timestamp_millis(send.received_ms).unwrap_or_default();
    // The line is written after the rows, both by NocoBase's clock. Not every database keeps milliseconds.
    let since = (received - TimeDelta::seconds(1)).to_rfc3339_opts(SecondsFormat::Millis, true);
    let filter = json!({"channelName": send.channel, "createdAt": {"$gte": since}}).to_string();
    let page_size = LINES.to_string();
    let mut earlier = None;
    for page in 1..=PAGES {
        let page = page.to_string();
        let query = [
            ("filter", filter.as_str()),
            ("sort", "createdAt,id"),
            ("page", page.as_str()),
            ("pageSize", page_size.as_str()),
            ("fields", "id,message,createdAt"),
        ];
        let lines = nocobase.get("notificationSendLogs:list", &query).await?;
        let lines = lines.as_array().map(Vec::as_slice).unwrap_or_default();
        for line in lines.iter().filter(|line| is_of(line, send)) {
            let id = line.get("id").and_then(Value::as_str).map(str::to_owned);
            if written_at(line).is_some_and(|at| at >= received) {
                return Ok(id);
            }
            // The same words may have been sent again a moment before.
            earlier = id;
        }
        let newest = lines.last().and_then(written_at);
        let is_last = lines.len() < LINES || newest.is_some_and(|at| at > received + LATEST);
        if is_last {
            break;
        }
    }
    Ok(earlier)
}

/// Whether a line says the words of a send.
fn is_of(line: &Value, send: &forwarded_send::Model) -> bool {
    let text = |key| line.get("message")?.get(key)?.as_str();
    let [title, content] = ["title", "content"].map(|key| text(key).unwrap_or_default());
    digest(title, content) == send.digest
}

/// When a line was written.
fn written_at(line: &Value) -> Option<DateTime<Utc>> {
    line.get("createdAt")?.as_str()?.parse().ok()
}
