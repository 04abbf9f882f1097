//! Receives events of sources and puts them into the queue.

use chrono::{DateTime, Utc};
use entity::event::{Subject, Transport};
use entity::{authenticator, directory_source};
use serde_json::Value;

use super::source::{SourceError, SourceLoader};
use super::{EventMode, SourceOptions};
use crate::domain::events::{CallbackReader, CallbackRefusal, Concerns, Event, SentCallback};
use crate::domain::identity_provider::{ConfiguredProvider, ready};
use crate::store::{NewEvent, Store, StoreError};

/// Why a callback is refused. The message is for the operator.
#[derive(Debug, thiserror::Error)]
pub enum ReceiveError {
    /// No source with this name receives callbacks.
    #[error("no enabled source of an authenticator of this name takes callbacks")]
    NotWanted,
    /// The callback is not authentic, or cannot be read.
    #[error(transparent)]
    Refused(#[from] CallbackRefusal),
    /// The source cannot be used.
    #[error(transparent)]
    Source(#[from] SourceError),
}

impl From<StoreError> for ReceiveError {
    fn from(error: StoreError) -> Self {
        Self::Source(error.into())
    }
}

/// The result of receiving an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// The event is in the queue.
    Queued,
    /// The event was received before.
    Repeated,
    /// The event is about nothing that a directory holds.
    Unknown,
    /// The provider only checks that this server answers.
    Check,
}

impl Kept {
    fn of_new(is_new: bool) -> Self {
        if is_new { Self::Queued } else { Self::Repeated }
    }

    /// The name in the metrics.
    pub fn name(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Repeated => "repeated",
            Self::Unknown => "unknown",
            Self::Check => "check",
        }
    }
}

/// The way in which a source receives events.
pub fn event_mode(source: &directory_source::Model) -> EventMode {
    let options = SourceOptions::parse(&source.options);
    options.map_or(EventMode::Off, |options| options.events.mode)
}

/// Whether a source receives events.
pub fn hears(source: &directory_source::Model) -> bool {
    event_mode(source) != EventMode::Off
}

impl SourceLoader<'_> {
    /// Receives a callback for the authenticator of this type and name. Returns its result and the
    /// answer that the provider expects. The event is stored before this returns.
    pub async fn receive(
        self,
        auth_type: &str,
        name: &str,
        sent: SentCallback<'_>,
        now: DateTime<Utc>,
    ) -> Result<(Kept, Value), ReceiveError> {
        let row = self.store.authenticator(name).await?;
        let row = row.filter(|row| row.auth_type == auth_type);
        let row = row.ok_or(ReceiveError::NotWanted)?;
        let source = self.store.directory_source_of(row.id).await?;
        let source = source.filter(|source| source.enabled);
        let source = source.ok_or(ReceiveError::NotWanted)?;
        let options = SourceOptions::parse(&source.options).map_err(SourceError::from)?;
        if options.events.mode != EventMode::Callback {
            return Err(ReceiveError::NotWanted);
        }
        let reader = self.callbacks(&row, &options).await?;
        let callback = reader.ok_or(ReceiveError::NotWanted)?.read(sent, now)?;
        let kept = match callback.event {
            Some(event) => keep(self.store, row.id, Transport::Callback, event).await?,
            None => Kept::Check,
        };
        Ok((kept, callback.acknowledgement))
    }

    /// The reader for callbacks with these options. Returns none when the secrets in the options
    /// have a wrong form.
    pub async fn callbacks(
        self,
        row: &authenticator::Model,
        options: &SourceOptions,
    ) -> Result<Option<Box<dyn CallbackReader>>, SourceError> {
        let configured = self.configured(row).await?;
        Ok(configured.callbacks(options.events.secrets()))
    }

    /// The provider of an authenticator, with its options.
    pub async fn configured(
        self,
        row: &authenticator::Model,
    ) -> Result<Box<dyn ConfiguredProvider>, SourceError> {
        let provider = self.providers.of_type(&row.auth_type);
        let provider = provider.ok_or(SourceError::NoDirectory)?;
        Ok(ready(self.store, self.vault, &**provider, &row.options).await?)
    }
}

/// Puts an event into the queue, unless it was received before.
pub async fn keep(
    store: &Store,
    authenticator_id: i64,
    transport: Transport,
    event: Event,
) -> Result<Kept, StoreError> {
    let Some(new) = to_keep(authenticator_id, transport, event) else {
        return Ok(Kept::Unknown);
    };
    Ok(Kept::of_new(store.add_event(new).await?))
}

/// Puts events of one authenticator into the queue, each once. Says of each what became of it, in their order.
pub async fn keep_all(
    store: &Store,
    authenticator_id: i64,
    transport: Transport,
    events: &[Event],
) -> Result<Vec<Kept>, StoreError> {
    let rows = events.iter().cloned();
    let rows: Vec<_> = rows
        .map(|event| to_keep(authenticator_id, transport, event))
        .collect();
    let new: Vec<_> = rows.iter().flatten().cloned().collect();
    let added = if new.is_empty() {
        Vec::new()
    } else {
        store.add_events(authenticator_id, new).await?
    };
    let mut added = added.into_iter();
    let kept = |row: Option<NewEvent>| match row {
        Some(_) => Kept::of_new(added.next().unwrap_or_default()),
        None => Kept::Unknown,
    };
    Ok(rows.into_iter().map(kept).collect())
}

/// What is stored of an event. Nothing when it is about nothing that a directory has.
fn to_keep(authenticator_id: i64, transport: Transport, event: Event) -> Option<NewEvent> {
    let event_id = event.kept_id();
    let (subject, subjects) = match event.concerns {
        Concerns::Nothing => return None,
        Concerns::Everything => (Subject::Everything, Vec::new()),
        Concerns::People(keys) => (Subject::People, keys),
        Concerns::Leavers(keys) => (Subject::Leavers, keys),
        Concerns::Departments(keys) => (Subject::Departments, keys),
    };
    Some(NewEvent {
        authenticator_id,
        event_id,
        kind: event.kind,
        transport,
        subject,
        subjects,
        born_at: event.born,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_metrics_tell_new_events_from_repeated_ones() {
        assert_eq!(Kept::of_new(true).name(), "queued");
        assert_eq!(Kept::of_new(false).name(), "repeated");
        assert_eq!(Kept::Unknown.name(), "unknown");
        assert_eq!(Kept::Check.name(), "check");
    }

    #[test]
    fn a_source_receives_events_unless_its_options_say_no_or_cannot_be_read() {
        for (options, expected) in [
            (json!({"events": {"mode": "stream"}}), true),
            (json!({"events": {"mode": "callback"}}), true),
            (json!({"events": {"mode": "off"}}), false),
            (json!({}), false),
            (json!({"events": {"mode": "smoke signals"}}), false),
        ] {
            let source = directory_source::Model {
                id: 1,
                created_at: DateTime::UNIX_EPOCH,
                updated_at: DateTime::UNIX_EPOCH,
                authenticator_id: 1,
                enabled: true,
                options,
                acting_user_id: 1,
            };
            assert_eq!(hears(&source), expected, "{}", source.options);
        }
    }
}
