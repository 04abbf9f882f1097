//! NocoBase's inbox and the log of its notifications, where messages went to people at a provider.

use std::sync::{Arc, Weak};

use async_trait::async_trait;
use chrono::{DateTime, SecondsFormat, TimeDelta};
use entity::carried_send;
use serde_json::{Value, json};

use super::client::NocoBase;
use crate::domain::mirror::{Desk, DeskError, digest};
use crate::state::AppState;

/// Lines of the log that are looked through for that of a send.
const LINES: &str = "50";
/// Messages that one question names.
const MESSAGES: usize = 50;

/// The NocoBase behind this gateway.
pub struct NocoBaseDesk(Weak<AppState>);

impl NocoBaseDesk {
    /// That of this gateway.
    pub fn of(app: &Arc<AppState>) -> Self {
        Self(Arc::downgrade(app))
    }

    async fn nocobase(&self, account: i64) -> Result<NocoBase, DeskError> {
        let app = self.0.upgrade().ok_or("the server ends")?;
        Ok(NocoBase::as_account(&app, account).await?)
    }
}

#[async_trait]
impl Desk for NocoBaseDesk {
    async fn take_out(&self, account: i64, ids: &[String]) -> Result<(), DeskError> {
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

    async fn write_reason(
        &self,
        send: &carried_send::Model,
        reason: &str,
    ) -> Result<bool, DeskError> {
        let nocobase = self.nocobase(send.account_id).await?;
        let received = DateTime::from_timestamp_millis(send.received_ms).unwrap_or_default();
        // The line is written after the rows; both by NocoBase's clock.
        let since = (received - TimeDelta::seconds(2)).to_rfc3339_opts(SecondsFormat::Millis, true);
        let filter = json!({"channelName": send.channel, "createdAt": {"$gte": since}}).to_string();
        let query = [
            ("filter", filter.as_str()),
            ("sort", "createdAt"),
            ("pageSize", LINES),
            ("fields", "id,message,createdAt"),
        ];
        let lines = nocobase.get("notificationSendLogs:list", &query).await?;
        let is_of_send = |line: &&Value| {
            let text = |key: &str| line["message"][key].as_str().unwrap_or_default().to_owned();
            digest(&text("title"), &text("content")) == send.digest
        };
        let line = lines.as_array().into_iter().flatten().find(is_of_send);
        let Some(id) = line.and_then(|line| line["id"].as_str()) else {
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
