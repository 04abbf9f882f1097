//! Events of sources, from where they come in until they are kept.

use chrono::{DateTime, Utc};
use entity::{authenticator, directory_source};
use serde_json::Value;

use super::source::{SourceError, Surroundings};
use super::{EventMode, SourceOptions};
use crate::domain::events::{CallbackRefusal, Concerns, Event, SentCallback};
use crate::domain::identity_provider::ready;
use crate::store::{NewEvent, Store, StoreError};

/// Why a callback is not taken. The text is for the operator.
#[derive(Debug, thiserror::Error)]
pub enum ReceiveError {
    /// No source of this name takes callbacks.
    #[error("no enabled source of an authenticator of this name takes callbacks")]
    NotWanted,
    /// It is not believed.
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

/// What became of something that came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// It is in the queue.
    Queued,
    /// It was received before.
    Repeated,
    /// It is about nothing that a directory has.
    Unknown,
    /// The provider only wanted to know whether somebody answers.
    Check,
}

impl Kept {
    /// Its name in the metrics.
    pub fn name(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Repeated => "repeated",
            Self::Unknown => "unknown",
            Self::Check => "check",
        }
    }
}

/// Whether a source hears of changes as they happen.
pub fn hears(source: &directory_source::Model) -> bool {
    SourceOptions::parse(&source.options).is_ok_and(|options| options.events.mode != EventMode::Off)
}

impl Surroundings<'_> {
    /// Takes a callback to the authenticator of this type and name. Gives what became of it, and what the provider
    /// is answered: the event is stored by then.
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
            Some(event) => keep(self.store, row.id, "callback", event).await?,
            None => Kept::Check,
        };
        Ok((kept, callback.acknowledgement))
    }

    /// Who reads callbacks with these options of a source. Nothing when their secrets can be none.
    pub async fn callbacks(
        self,
        row: &authenticator::Model,
        options: &SourceOptions,
    ) -> Result<Option<Box<dyn crate::domain::events::CallbackReader>>, SourceError> {
        let provider = self.providers.of_type(&row.auth_type);
        let provider = provider.ok_or(SourceError::NoDirectory)?;
        let configured = ready(self.store, self.vault, &**provider, &row.options).await?;
        Ok(configured.callbacks(options.events.secrets()))
    }
}

/// Puts an event into the queue, once.
pub async fn keep(
    store: &Store,
    authenticator_id: i64,
    transport: &'static str,
    event: Event,
) -> Result<Kept, StoreError> {
    let event_id = event.kept_id();
    let (concerns, subjects) = match event.concerns {
        Concerns::Nothing => return Ok(Kept::Unknown),
        Concerns::Everything => ("everything", Vec::new()),
        Concerns::People(keys) => ("people", keys),
        Concerns::Leavers(keys) => ("leavers", keys),
        Concerns::Departments(keys) => ("departments", keys),
    };
    let new = NewEvent {
        authenticator_id,
        event_id,
        kind: event.kind,
        transport,
        concerns,
        subjects,
        born_at: event.born,
    };
    let is_new = store.add_event(new).await?;
    Ok(if is_new { Kept::Queued } else { Kept::Repeated })
}
