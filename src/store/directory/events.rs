//! The queue of events that providers have sent, until they are processed.

use std::collections::HashSet;

use chrono::{DateTime, TimeDelta, Utc};
use entity::directory_source;
use entity::event::{ActiveModel, Column, Entity, Model, State, Subject, Transport};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, ExprTrait, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect, QueryTrait, UpdateMany,
};
use serde_json::Value;

use crate::store::failure::is_inserted;
use crate::store::{Connection, Result, Store, StoreError};

/// An event that failed is tried again sooner than after this time.
const LATEST: TimeDelta = TimeDelta::hours(2);

/// An event that was received.
#[derive(Clone, Debug)]
pub struct NewEvent {
    /// Id of the authenticator whose provider sent it.
    pub authenticator_id: i64,
    /// The provider's id of the event.
    pub event_id: String,
    /// The provider's name for the type of event.
    pub kind: String,
    /// The transport over which it came.
    pub transport: Transport,
    /// What it concerns: people, people who have left, departments, or everything.
    pub subject: Subject,
    /// The provider's identifiers of these people or departments.
    pub subjects: Vec<String>,
    /// When it happened.
    pub born_at: Option<DateTime<Utc>>,
}

impl<C: Connection> Store<C> {
    /// Appends an event to the queue. Returns false when it was received before.
    pub async fn add_event(&self, new: NewEvent) -> Result<bool> {
        let row = self.row_of(new);
        is_inserted(row.insert(&self.connection).await)
    }

    /// Appends events of one authenticator to the queue in their order, in one statement. Returns for each whether it
    /// is new.
    pub async fn add_events(&self, authenticator_id: i64, new: Vec<NewEvent>) -> Result<Vec<bool>> {
        let ids = new.iter().map(|one| one.event_id.as_str());
        let known = Entity::find()
            .select_only()
            .column(Column::EventId)
            .filter(Column::AuthenticatorId.eq(authenticator_id))
            .filter(Column::EventId.is_in(ids));
        let mut known: HashSet<String> = known
            .into_tuple()
            .all(&self.connection)
            .await?
            .into_iter()
            .collect();
        let is_new: Vec<bool> = new
            .iter()
            .map(|one| known.insert(one.event_id.clone()))
            .collect();
        let fresh = new.iter().zip(&is_new).filter(|(_, is_new)| **is_new);
        let rows: Vec<_> = fresh.map(|(one, _)| self.row_of(one.clone())).collect();
        if rows.is_empty() {
            return Ok(is_new);
        }
        let added = Entity::insert_many(rows);
        let added = added.exec_without_returning(&self.connection).await;
        match added.map_err(StoreError::from) {
            Ok(_) => Ok(is_new),
            // One of them was stored over another transport at the same moment, so this statement has stored none.
            Err(StoreError::Conflict(_)) => {
                let mut is_new = Vec::with_capacity(new.len());
                for one in new {
                    is_new.push(self.add_event(one).await?);
                }
                Ok(is_new)
            }
            Err(error) => Err(error),
        }
    }

    /// The row of a new event.
    fn row_of(&self, new: NewEvent) -> ActiveModel {
        let now = self.now();
        ActiveModel {
            authenticator_id: Set(new.authenticator_id),
            event_id: Set(new.event_id),
            kind: Set(new.kind),
            transport: Set(new.transport),
            subject: Set(new.subject),
            subjects: Set(Value::from(new.subjects)),
            born_at: Set(new.born_at),
            received_at: Set(now),
            state: Set(State::Queued),
            attempts: Set(0),
            due_at: Set(now),
            settled_at: Set(None),
            error: Set(None),
            ..Default::default()
        }
    }

    /// The events of an authenticator that may be processed now, in the order in which they came.
    pub async fn due_events(&self, authenticator_id: i64, limit: u64) -> Result<Vec<Model>> {
        let due = Entity::find()
            .filter(Column::AuthenticatorId.eq(authenticator_id))
            .filter(Column::State.eq(State::Queued))
            .filter(Column::DueAt.lte(self.now()))
            .order_by_asc(Column::Id)
            .limit(limit);
        Ok(due.all(&self.connection).await?)
    }

    /// Records that an event is finished, in this state.
    pub async fn end_event(&self, id: i64, state: State, error: Option<String>) -> Result<()> {
        let ended = Entity::update_many()
            .col_expr(Column::State, Expr::value(state))
            .col_expr(Column::Error, Expr::value(error))
            .col_expr(Column::SettledAt, Expr::value(self.now()));
        self.tried(ended, id).await
    }

    /// Records when an event is to be tried again.
    pub async fn postpone_event(
        &self,
        id: i64,
        due_at: DateTime<Utc>,
        error: Option<String>,
    ) -> Result<()> {
        let postponed = Entity::update_many()
            .col_expr(Column::DueAt, Expr::value(due_at))
            .col_expr(Column::Error, Expr::value(error));
        self.tried(postponed, id).await
    }

    /// Has events be processed now that wait for longer than any does. That was written while the clock was ahead.
    pub async fn turn_events_back(&self) -> Result<()> {
        let now = self.now();
        Entity::update_many()
            .col_expr(Column::DueAt, Expr::value(now))
            .filter(Column::State.eq(State::Queued))
            .filter(Column::DueAt.gt(now + LATEST))
            .exec(&self.connection)
            .await?;
        Ok(())
    }

    /// Applies a change to an event and counts one more attempt.
    async fn tried(&self, change: UpdateMany<Entity>, id: i64) -> Result<()> {
        let once_more = Expr::col(Column::Attempts).add(1);
        change
            .col_expr(Column::Attempts, once_more)
            .filter(Column::Id.eq(id))
            .exec(&self.connection)
            .await?;
        Ok(())
    }

    /// The number of events of an authenticator in this state.
    pub async fn count_events(&self, authenticator_id: i64, state: State) -> Result<u64> {
        let those = Entity::find()
            .filter(Column::AuthenticatorId.eq(authenticator_id))
            .filter(Column::State.eq(state));
        Ok(those.count(&self.connection).await?)
    }

    /// The number of events of all sources in each of these states.
    pub async fn count_events_of_sources(&self, states: &[State]) -> Result<Vec<(State, u64)>> {
        let sources = directory_source::Entity::find()
            .select_only()
            .column(directory_source::Column::AuthenticatorId);
        let counted: Vec<(State, i64)> = Entity::find()
            .select_only()
            .column(Column::State)
            .column_as(Column::Id.count(), "events")
            .filter(Column::AuthenticatorId.in_subquery(sources.into_query()))
            .filter(Column::State.is_in(states.iter().copied()))
            .group_by(Column::State)
            .into_tuple()
            .all(&self.connection)
            .await?;
        let count = |state: State| {
            let found = counted.iter().find(|(counted, _)| *counted == state);
            found.map_or(0, |(_, count)| u64::try_from(*count).unwrap_or_default())
        };
        let counts = states.iter().map(|state| (*state, count(*state)));
        Ok(counts.collect())
    }

    /// When the newest event of an authenticator was received.
    pub async fn last_event_at(&self, authenticator_id: i64) -> Result<Option<DateTime<Utc>>> {
        let newest = Entity::find()
            .filter(Column::AuthenticatorId.eq(authenticator_id))
            .order_by_desc(Column::Id);
        let newest = newest.one(&self.connection).await?;
        Ok(newest.map(|row| row.received_at))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::store::SourceValues;

    #[tokio::test]
    async fn the_events_of_all_sources_are_counted_by_one_statement() {
        let storage = tempfile::tempdir().unwrap();
        let store = Store::fresh(storage.path()).await;
        store.migrate().await.unwrap();
        // The events of an authenticator without a source are left over.
        for (authenticator_id, has_source) in [(1, true), (2, true), (3, false)] {
            if has_source {
                let transaction = store.begin().await.unwrap();
                let values = SourceValues {
                    authenticator_id,
                    enabled: true,
                    options: json!({}),
                    acting_user_id: 1,
                };
                transaction.save_directory_source(values).await.unwrap();
                transaction.commit().await.unwrap();
            }
            for event_id in ["one", "two"] {
                let new = NewEvent {
                    authenticator_id,
                    event_id: event_id.to_owned(),
                    kind: "user_modify_org".to_owned(),
                    transport: Transport::Callback,
                    subject: Subject::People,
                    subjects: Vec::new(),
                    born_at: None,
                };
                assert!(store.add_event(new).await.unwrap());
            }
        }
        let first = store.due_events(1, 1).await.unwrap().remove(0).id;
        store.end_event(first, State::Done, None).await.unwrap();
        let heard = store.heard();
        let states = [State::Queued, State::Failed];
        let counted = store.count_events_of_sources(&states).await.unwrap();
        assert_eq!(counted, [(State::Queued, 3), (State::Failed, 0)]);
        assert_eq!(heard.take().len(), 1);
    }

    #[tokio::test]
    async fn an_event_that_came_while_the_clock_was_ahead_does_not_wait_for_that_time() {
        let storage = tempfile::tempdir().unwrap();
        let store = Store::fresh(storage.path()).await;
        store.migrate().await.unwrap();
        let ahead = TimeDelta::days(30);
        store.clock().advance(ahead);
        let new = NewEvent {
            authenticator_id: 1,
            event_id: "event".to_owned(),
            kind: "user_add_org".to_owned(),
            transport: Transport::Stream,
            subject: Subject::People,
            subjects: vec!["lina".to_owned()],
            born_at: None,
        };
        assert!(store.add_event(new).await.unwrap());
        store.clock().advance(-ahead);
        assert_eq!(store.due_events(1, 10).await.unwrap(), []);
        store.turn_events_back().await.unwrap();
        let due = store.due_events(1, 10).await.unwrap();
        assert_eq!(due.len(), 1);
        // The longest pause after a failure stays.
        let later = store.clock().now() + TimeDelta::seconds(5120);
        store.postpone_event(due[0].id, later, None).await.unwrap();
        store.turn_events_back().await.unwrap();
        assert_eq!(store.due_events(1, 10).await.unwrap(), []);
    }
}
