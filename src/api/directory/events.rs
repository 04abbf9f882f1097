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
/// What is said until the first attempt to connect.
const NOT_YET: &str = "Not connected to {{provider}} yet.";

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

    fn text(&self, provider: &str, locale: Locale) -> String {
        let text = match self.state.as_str() {
            "connected" => "Connected to {{provider}} since {{since}}.",
            "connecting" => "Connecting to {{provider}} since {{since}}.",
            "silent" => "Nothing was heard from {{provider}} since {{since}}.",
            _ => "Not connected to {{provider}} since {{since}}: {{error}}",
        };
        let error = self.error.as_deref().unwrap_or_default();
        about(provider, text, locale)
            .replace("{{since}}", &iso(self.since))
            .replace("{{error}}", error)
    }
}

/// A sentence about this provider. `locale/` has separate sentences for each provider, because in many languages the
/// words around a name depend on it.
fn about(provider: &str, sentence: &str, locale: Locale) -> String {
    let sentence = sentence.replace("{{provider}}", provider);
    locale.text(&sentence).to_owned()
}

/// The events of a source that hears of any. `provider` is the title of the provider.
pub(super) async fn events_of(
    call: &Call,
    source: &directory_source::Model,
    provider: &str,
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
        Some(stream) => format!("{} {counts}", stream.text(provider, call.locale)),
        None if mode == EventMode::Stream && source.enabled => {
            about(provider, NOT_YET, call.locale)
        }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::dingtalk::NAMES;

    #[test]
    fn what_is_said_of_a_connection_is_there_in_every_language() {
        let row = |state: &str| StreamRow {
            state: state.to_owned(),
            since: DateTime::UNIX_EPOCH,
            heard_at: None,
            error: Some("of some kind".to_owned()),
        };
        let rows = ["connected", "connecting", "silent", "waiting"].map(row);
        let all_in = |locale: Locale| {
            let texts = rows.iter().map(|row| row.text(NAMES.title, locale));
            let mut texts: Vec<_> = texts.collect();
            texts.push(about(NAMES.title, NOT_YET, locale));
            texts
        };
        let english = all_in(Locale::default());
        assert_eq!(
            english[0],
            "Connected to DingTalk since 1970-01-01T00:00:00.000Z."
        );
        for locale in Locale::all().filter(|locale| locale.code() != "en-US") {
            for (text, english) in all_in(locale).iter().zip(&english) {
                assert_ne!(text, english, "{}", locale.code());
            }
        }
    }
}
