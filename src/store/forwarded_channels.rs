//! Channels of NocoBase's notifications whose messages are also sent through a provider, and which messages were
//! taken for that.

use std::collections::HashSet;

use entity::forwarded_channel::{ActiveModel, Column, Entity, Model};
use entity::{message_claim, notification_channel};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityName, EntityTrait, FromQueryResult, QueryFilter,
    QueryOrder, QuerySelect,
};

use super::batch::ROWS;
use super::{Result, Store, Transaction};

/// How many channels are read at most. A NocoBase usually has a few dozen.
const MOST_CHANNELS: u64 = 1000;

/// A channel of NocoBase's notifications.
#[derive(Clone, Debug, PartialEq, FromQueryResult)]
pub struct InboxChannel {
    /// Its name, which stays the same.
    pub name: String,
    /// What people call it.
    pub title: Option<String>,
    /// Its options.
    pub options: Option<serde_json::Value>,
}

impl Store {
    /// NocoBase's channels of a type.
    pub async fn notification_channels(&self, of_type: &str) -> Result<Vec<InboxChannel>> {
        use notification_channel::{Column, Entity};
        if !self.has_table(Entity.table_name()).await? {
            return Ok(Vec::new());
        }
        let found = Entity::find()
            .select_only()
            .column(Column::Name)
            .column(Column::Title)
            .column(Column::Options)
            .filter(Column::NotificationType.eq(of_type))
            .order_by_asc(Column::Name)
            .limit(MOST_CHANNELS)
            .into_model::<InboxChannel>();
        Ok(found.all(&self.connection).await?)
    }

    /// All channels whose messages are also sent through a provider.
    pub async fn forwarded_channels(&self) -> Result<Vec<Model>> {
        let all = Entity::find().order_by_asc(Column::Channel);
        Ok(all.limit(MOST_CHANNELS).all(&self.connection).await?)
    }

    /// From now on, sends the messages of a channel through this authenticator, too.
    pub async fn forward_channel(
        &self,
        channel: &str,
        authenticator: &str,
        by: Option<i64>,
    ) -> Result<Model> {
        let now = self.now();
        let transaction = self.begin().await?;
        let known = Entity::find_by_id(channel)
            .one(&transaction.connection)
            .await?;
        let mut row = ActiveModel {
            channel: Set(channel.to_owned()),
            updated_at: Set(now),
            authenticator: Set(authenticator.to_owned()),
            ..Default::default()
        };
        if by.is_some() || known.is_none() {
            row.updated_by_id = Set(by);
        }
        let row = if known.is_some() {
            row.update(&transaction.connection).await?
        } else {
            row.created_at = Set(now);
            row.started_ms = Set(now.timestamp_millis());
            row.mark_ms = Set(now.timestamp_millis());
            row.insert(&transaction.connection).await?
        };
        transaction.commit().await?;
        Ok(row)
    }

    /// From now on, keeps the messages of a channel in NocoBase only. Returns false when they were not sent elsewhere.
    pub async fn stop_forwarding(&self, channel: &str) -> Result<bool> {
        let gone = Entity::delete_by_id(channel).exec(&self.connection).await?;
        Ok(gone.rows_affected > 0)
    }

    /// Records the time of the newest message that was seen, for all channels, because they are read together.
    pub async fn mark_channels(&self, newest_ms: i64) -> Result<()> {
        Entity::update_many()
            .col_expr(Column::MarkMs, Expr::value(newest_ms))
            .filter(Column::MarkMs.lt(newest_ms))
            .exec(&self.connection)
            .await?;
        Ok(())
    }

    /// Corrects times that lie in the future, because they were written while the clock was ahead.
    pub async fn turn_channels_back(&self, now_ms: i64, mark_ms: i64) -> Result<()> {
        for (column, right) in [(Column::MarkMs, mark_ms), (Column::StartedMs, now_ms)] {
            Entity::update_many()
                .col_expr(column, Expr::value(right))
                .filter(column.gt(now_ms))
                .exec(&self.connection)
                .await?;
        }
        Ok(())
    }

    /// The time up to which the messages of all channels were seen.
    pub async fn channels_mark(&self) -> Result<Option<i64>> {
        let oldest = Entity::find()
            .select_only()
            .column_as(Column::MarkMs.min(), "mark")
            .into_tuple::<Option<i64>>();
        Ok(oldest.one(&self.connection).await?.flatten())
    }

    /// Those of these messages that a process has taken.
    pub async fn claimed_among(&self, ids: &[String]) -> Result<HashSet<String>> {
        use message_claim::{Column, Entity};
        let found: Vec<String> = Entity::find()
            .select_only()
            .column(Column::RowId)
            .filter(Column::RowId.is_in(ids.iter().map(String::as_str)))
            .into_tuple()
            .all(&self.connection)
            .await?;
        Ok(found.into_iter().collect())
    }

    /// Removes the marks of messages that were taken before this moment, in milliseconds since the epoch. Messages as
    /// old as these are no longer read.
    pub async fn forget_claims(&self, before_ms: i64) -> Result<u64> {
        use message_claim::{Column, Entity};
        let gone = Entity::delete_many().filter(Column::ClaimedMs.lt(before_ms));
        Ok(gone.exec(&self.connection).await?.rows_affected)
    }
}

impl Transaction {
    /// Leaves the messages alone that came before this moment, of all channels.
    pub async fn begin_channels_anew(&self) -> Result<()> {
        let now_ms = self.now().timestamp_millis();
        Entity::update_many()
            .col_expr(Column::StartedMs, Expr::value(now_ms))
            .col_expr(Column::MarkMs, Expr::value(now_ms))
            .exec(&self.connection)
            .await?;
        Ok(())
    }

    /// Has the channels whose messages are sent through an authenticator name it by its new name.
    pub async fn rename_in_channels(&self, old: &str, new: &str) -> Result<()> {
        Entity::update_many()
            .col_expr(Column::Authenticator, Expr::value(new))
            .filter(Column::Authenticator.eq(old))
            .exec(&self.connection)
            .await?;
        Ok(())
    }

    /// Takes messages for this process. Fails with a conflict when another process has taken one of them.
    pub(super) async fn claim_rows(&self, ids: &[String]) -> Result<()> {
        let claimed_ms = self.now().timestamp_millis();
        for ids in ids.chunks(ROWS) {
            let rows = ids.iter().map(|id| message_claim::ActiveModel {
                row_id: Set(id.clone()),
                claimed_ms: Set(claimed_ms),
            });
            message_claim::Entity::insert_many(rows)
                .exec_without_returning(&self.connection)
                .await?;
        }
        Ok(())
    }
}
