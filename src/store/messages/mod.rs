//! Messages to people, and what became of each.

mod receivers;
#[cfg(test)]
mod tests;
mod waiting_content;

pub use waiting_content::KeptContent;

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use entity::forwarded_send;
use entity::message::{ActiveModel, Column, Entity, Model, State};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::store::batch::{KEYS, ROWS};
use crate::store::cache::Partitions;
use crate::store::{Connection, Result, Store};

/// Messages are looked at again sooner than after this time.
const LATEST_MS: i64 = 60 * 60 * 1000;

/// A message to one person that is to be stored.
#[derive(Clone, Debug)]
pub struct NewMessage {
    /// The account.
    pub user_id: i64,
    /// The identifier of the person at the provider.
    pub receiver: Option<String>,
    /// Its first state: it waits, or its outcome is known without a call.
    pub state: State,
    /// Why it waits, or did not arrive.
    pub reason: Option<&'static str>,
    /// When a worker looks at it again, in milliseconds since the epoch.
    pub due_ms: Option<i64>,
}

/// What the rows of one message have in common.
#[derive(Clone, Debug)]
pub struct NewSend {
    /// The id that these rows share.
    pub send_id: String,
    /// Name of the authenticator.
    pub authenticator: String,
    /// How it is sent.
    pub way: &'static str,
    /// The beginning of its title.
    pub title: String,
    /// A digest of the content.
    pub digest: String,
    /// The account that sends it.
    pub requested_by_id: Option<i64>,
    /// The content, if it may have to be sent later.
    pub kept: Option<KeptContent>,
    /// By what its line in NocoBase's log is found, if that has one.
    pub followed: Option<forwarded_send::Model>,
}

/// The state of a message to one person, as it is stored.
#[derive(Clone, Debug)]
pub struct MessageState {
    /// Whether it waits or was sent, and what became of it.
    pub state: State,
    /// Why it did not arrive.
    pub reason: Option<&'static str>,
    /// The provider's number of the task, by which it is asked for the outcome.
    pub task: Option<String>,
    /// When a worker looks at it again, in milliseconds since the epoch.
    pub due_ms: Option<i64>,
}

impl MessageState {
    /// This state, without a reason, task or time.
    pub fn of(state: State) -> Self {
        Self {
            state,
            reason: None,
            task: None,
            due_ms: None,
        }
    }
}

impl Store {
    /// Stores messages before they are sent, all of them or none, and claims the rows of NocoBase's inbox that they
    /// come from. Fails with a conflict when another process has claimed one of these rows.
    pub async fn claim_messages(
        &self,
        send: &NewSend,
        new: &[NewMessage],
        claims: &[String],
    ) -> Result<()> {
        let transaction = self.begin().await?;
        transaction.claim_rows(claims).await?;
        if let Some(kept) = &send.kept {
            transaction.keep_content(&send.send_id, kept).await?;
        }
        if let Some(followed) = &send.followed {
            transaction.remember_send(followed).await?;
        }
        let now = transaction.now();
        for rows in new.chunks(ROWS) {
            let rows = rows.iter().map(|row| ActiveModel {
                created_at: Set(now),
                updated_at: Set(now),
                send_id: Set(send.send_id.clone()),
                user_id: Set(row.user_id),
                authenticator: Set(send.authenticator.clone()),
                way: Set(send.way.to_owned()),
                title: Set(send.title.clone()),
                digest: Set(send.digest.clone()),
                receiver: Set(row.receiver.clone()),
                state: Set(row.state),
                reason: Set(row.reason.map(str::to_owned)),
                due_ms: Set(row.due_ms),
                requested_by_id: Set(send.requested_by_id),
                ..Default::default()
            });
            Entity::insert_many(rows)
                .exec_without_returning(&transaction.connection)
                .await?;
        }
        transaction.commit().await
    }

    /// Records that messages are about to be sent. Returns false, and changes nothing, when some of them no longer
    /// wait, because another process has given them up meanwhile.
    pub async fn begin_to_send(
        &self,
        send_id: &str,
        users: &[i64],
        from: State,
        to: MessageState,
    ) -> Result<bool> {
        let transaction = self.begin().await?;
        let changed = transaction
            .write_messages(send_id, users, Some(from), to)
            .await?;
        if usize::try_from(changed).ok() != Some(users.len()) {
            return Ok(false);
        }
        transaction.commit().await?;
        Ok(true)
    }

    /// Messages in this state whose time to be looked at again has come, the longest overdue first.
    pub async fn due_messages(&self, state: State, limit: u64) -> Result<Vec<Model>> {
        let now = self.now().timestamp_millis();
        let due = Entity::find()
            .filter(Column::DueMs.lte(now))
            .filter(Column::State.eq(state))
            .order_by_asc(Column::DueMs)
            .limit(limit);
        Ok(due.all(&self.connection).await?)
    }

    /// Claims for this process to ask the provider for the outcome of a task. Returns false when another process
    /// has done so.
    pub async fn take_task(
        &self,
        task: &str,
        send_id: &str,
        users: &[i64],
        next_ms: Option<i64>,
    ) -> Result<bool> {
        let taken = Entity::update_many()
            .col_expr(Column::DueMs, Expr::value(next_ms))
            .filter(Column::SendId.eq(send_id))
            .filter(Column::UserId.is_in(users.iter().copied()))
            .filter(Column::Task.eq(task))
            .filter(Column::DueMs.lte(self.now().timestamp_millis()))
            .exec(&self.connection)
            .await?;
        Ok(taken.rows_affected > 0)
    }

    /// Has messages be looked at now that are to be looked at later than any are. That was written while the clock was
    /// ahead, and whoever waits until then keeps all later messages from the same person.
    pub async fn turn_messages_back(&self) -> Result<()> {
        let now = self.now().timestamp_millis();
        Entity::update_many()
            .col_expr(Column::DueMs, Expr::value(now))
            .filter(Column::DueMs.gt(now.saturating_add(LATEST_MS)))
            .exec(&self.connection)
            .await?;
        Ok(())
    }

    /// Removes messages that were created before this moment, unless the clock may be ahead. Returns how many there were.
    pub async fn remove_messages(&self, before: DateTime<Utc>) -> Result<u64> {
        let ids = Entity::find().select_only().column(Column::Id);
        let at = Column::CreatedAt;
        let age = (at.lt(before), at.gte(self.in_use_since()));
        let these = |ids: Vec<i64>| Column::Id.is_in(ids);
        self.remove_old("records of messages", ids, age, these, Partitions::ALL)
            .await
    }
}

impl<C: Connection> Store<C> {
    /// Writes the state of messages, if `from` is given only of those in that state. Returns how many were changed.
    pub async fn write_messages(
        &self,
        send_id: &str,
        users: &[i64],
        from: Option<State>,
        to: MessageState,
    ) -> Result<u64> {
        let mut written = 0;
        for users in users.chunks(KEYS) {
            let mut update = Entity::update_many()
                .col_expr(Column::State, Expr::value(to.state))
                .col_expr(Column::Reason, Expr::value(to.reason))
                .col_expr(Column::DueMs, Expr::value(to.due_ms))
                .col_expr(Column::UpdatedAt, Expr::value(self.now()))
                .filter(Column::SendId.eq(send_id))
                .filter(Column::UserId.is_in(users.iter().copied()));
            if let Some(task) = &to.task {
                update = update.col_expr(Column::Task, Expr::value(task));
            }
            if let Some(from) = from {
                update = update.filter(Column::State.eq(from));
            }
            written += update.exec(&self.connection).await?.rows_affected;
        }
        Ok(written)
    }

    /// Has messages that are still looked at name their authenticator by its new name.
    pub async fn rename_in_messages(&self, old: &str, new: &str) -> Result<()> {
        Entity::update_many()
            .col_expr(Column::Authenticator, Expr::value(new))
            .filter(Column::Authenticator.eq(old))
            .filter(Column::DueMs.is_not_null())
            .exec(&self.connection)
            .await?;
        Ok(())
    }

    /// How many messages with this digest each of these receivers got, or may have got, since a moment.
    pub async fn times_sent(
        &self,
        digest: &str,
        receivers: &[String],
        since: DateTime<Utc>,
    ) -> Result<HashMap<String, usize>> {
        let mut times = HashMap::new();
        for receivers in receivers.chunks(KEYS) {
            let found: Vec<(String, i64)> = Entity::find()
                .select_only()
                .column(Column::Receiver)
                .column_as(Column::Id.count(), "times")
                .filter(Column::Digest.eq(digest))
                .filter(Column::Receiver.is_in(receivers.iter().map(String::as_str)))
                .filter(Column::State.is_in([
                    State::Sending,
                    State::Sent,
                    State::Delivered,
                    State::Unknown,
                ]))
                .filter(Column::CreatedAt.gte(since))
                .group_by(Column::Receiver)
                .into_tuple()
                .all(&self.connection)
                .await?;
            let count = |count: i64| usize::try_from(count).unwrap_or_default();
            times.extend(found.into_iter().map(|(who, times)| (who, count(times))));
        }
        Ok(times)
    }

    /// The messages of one send, in the order in which they were stored.
    pub async fn messages_of(&self, send_id: &str) -> Result<Vec<Model>> {
        let found = Entity::find()
            .filter(Column::SendId.eq(send_id))
            .order_by_asc(Column::Id);
        Ok(found.all(&self.connection).await?)
    }
}
