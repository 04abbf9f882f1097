//! What providers told as it happened, until it is worked off.

use chrono::{DateTime, Utc};
use entity::event::ActiveModel;
use sea_orm::ActiveModelTrait;
use sea_orm::ActiveValue::Set;
use serde_json::Value;

use crate::store::{Connection, Result, Store, StoreError};

/// An event that was received.
#[derive(Clone, Debug)]
pub struct NewEvent {
    /// Id of the authenticator whose provider told it.
    pub authenticator_id: i64,
    /// Which event it is.
    pub event_id: String,
    /// The provider's name of what happened.
    pub kind: String,
    /// By which way it came.
    pub transport: &'static str,
    /// What it is about.
    pub concerns: &'static str,
    /// What the provider calls the people or departments.
    pub subjects: Vec<String>,
    /// When it happened.
    pub born_at: Option<DateTime<Utc>>,
}

impl<C: Connection> Store<C> {
    /// Puts an event at the end of the queue. False when it was received before.
    pub async fn add_event(&self, new: NewEvent) -> Result<bool> {
        let now = self.now();
        let row = ActiveModel {
            authenticator_id: Set(new.authenticator_id),
            event_id: Set(new.event_id),
            kind: Set(new.kind),
            transport: Set(new.transport.to_owned()),
            concerns: Set(new.concerns.to_owned()),
            subjects: Set(Value::from(new.subjects)),
            born_at: Set(new.born_at),
            received_at: Set(now),
            state: Set("queued".to_owned()),
            attempts: Set(0),
            due_at: Set(now),
            settled_at: Set(None),
            error: Set(None),
            ..Default::default()
        };
        match row.insert(&self.connection).await.map_err(StoreError::from) {
            Ok(_) => Ok(true),
            Err(StoreError::Conflict(_)) => Ok(false),
            Err(error) => Err(error),
        }
    }
}
