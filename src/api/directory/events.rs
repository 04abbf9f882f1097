//! What administrators see of events: how many wait, and how the connection is over which they come.

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use entity::{directory_source, event, event_stream};
use schemars::JsonSchema;
use serde::Serialize;

use super::rows::date_or_null;
use crate::domain::directory::{EventMode, event_mode};
use crate::edge::shape::date;
use crate::edge::{ApiError, Call};
use crate::locale::Locale;

/// A connection over which nothing came for so long is said to be silent.
const SILENT: TimeDelta = TimeDelta::seconds(90);

/// The events of a source.
#[derive(JsonSchema, Serialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::api) struct EventsRow {
    /// The number of events that wait to be processed.
    queued: u64,
    /// The number of events that were tried for a day without success.
    failed: u64,
    /// When the last event was received; null if there was none.
    #[schemars(with = "Option<String>")]
    #[serde(serialize_with = "date_or_null")]
    last_received_at: Option<DateTime<Utc>>,
    /// The connection over which events come; null if they come by callback, or if there has not been a connection yet.
    stream: Option<StreamRow>,
    /// All of this in words, with dates in ISO 8601.
    text: String,
}

/// A connection for events.
#[derive(JsonSchema, Serialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::api) struct StreamRow {
    /// `connected`, `connecting`, `waiting` for the next attempt, `refused` until somebody corrects a setting, or `silent`
    /// when no server has heard anything over it for 90 seconds.
    state: String,
    /// When this state began.
    #[schemars(with = "String")]
    #[serde(serialize_with = "date")]
    since: DateTime<Utc>,
    /// When the provider last sent something; null if it never did.
    #[schemars(with = "Option<String>")]
    #[serde(serialize_with = "date_or_null")]
    heard_at: Option<DateTime<Utc>>,
    /// Why there is no connection.
    error: Option<String>,
}

impl StreamRow {
    fn of(row: event_stream::Model, now: DateTime<Utc>) -> Self {
        let heard_at = row
            .heard_at
            .filter(|_| row.state == event_stream::State::Connected);
        let silent_since = heard_at.filter(|heard_at| now - *heard_at > SILENT);
        Self {
            state: match silent_since {
                Some(_) => "silent".to_owned(),
                None => row.state.name(),
            },
            since: silent_since.unwrap_or(row.since),
            heard_at: row.heard_at,
            error: row.error,
        }
    }

    fn text(&self, locale: Locale) -> String {
        let text = match self.state.as_str() {
            "connected" => "Connected to DingTalk since {{since}}.",
            "connecting" => "Connecting to DingTalk since {{since}}.",
            "silent" => "Nothing was heard from DingTalk since {{since}}.",
            _ => "Not connected to DingTalk since {{since}}: {{error}}",
        };
        let error = self.error.as_deref().unwrap_or_default();
        locale
            .text(text)
            .replace("{{since}}", &iso(self.since))
            .replace("{{error}}", error)
    }
}

/// The events of a source that hears of any.
pub(super) async fn events_of(
    call: &Call,
    source: &directory_source::Model,
) -> Result<Option<EventsRow>, ApiError> {
    let mode = event_mode(source);
    if mode == EventMode::Off {
        return Ok(None);
    }
    let (store, authenticator) = (&call.app.store, source.authenticator_id);
    let stream = match mode {
        EventMode::Stream if source.enabled => store.event_stream(authenticator).await?,
        _ => None,
    };
    let now = call.app.clock.now();
    let stream = stream.map(|row| StreamRow::of(row, now));
    let (queued, failed) = (
        store
            .count_events(authenticator, event::State::Queued)
            .await?,
        store
            .count_events(authenticator, event::State::Failed)
            .await?,
    );
    let last_received_at = store.last_event_at(authenticator).await?;
    let last = last_received_at.map_or_else(|| "–".to_owned(), iso);
    let counts = "Last event: {{last}}. To be worked off: {{queued}}. Failed: {{failed}}.";
    let counts = call
        .locale
        .text(counts)
        .replace("{{last}}", &last)
        .replace("{{queued}}", &queued.to_string())
        .replace("{{failed}}", &failed.to_string());
    let text = match &stream {
        Some(stream) => format!("{} {counts}", stream.text(call.locale)),
        None if mode == EventMode::Stream && source.enabled => call
            .locale
            .text("Not connected to DingTalk yet.")
            .to_owned(),
        None => counts,
    };
    Ok(Some(EventsRow {
        queued,
        failed,
        last_received_at,
        stream,
        text,
    }))
}

/// A moment within a text, as a page can find and read it.
fn iso(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}
