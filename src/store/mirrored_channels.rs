//! Channels of NocoBase's notifications whose messages also go to people at a provider, and those messages.

use std::collections::HashSet;

use entity::mirrored_channel::{ActiveModel, Column, Entity, Model};
use entity::{in_app_message, message_claim, notification_channel};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, DbBackend, EntityName, EntityTrait, ExprTrait,
    FromQueryResult, QueryFilter, QueryOrder, QuerySelect,
};

use super::{Result, Store, Transaction};

/// Channels that are looked at; people have some dozen.
const MOST_CHANNELS: u64 = 1000;

/// A channel of NocoBase's notifications.
#[derive(Clone, Debug, PartialEq, FromQueryResult)]
pub struct InboxChannel {
    /// Its name, which stays the same.
    pub name: String,
    /// What people call it.
    pub title: Option<String>,
    /// What is set of it.
    pub options: Option<serde_json::Value>,
}

/// A message in somebody's inbox.
#[derive(Clone, Debug, PartialEq, FromQueryResult)]
pub struct InboxMessage {
    /// Its id.
    pub id: String,
    /// The account.
    pub user_id: i64,
    /// Name of the channel.
    pub channel_name: String,
    /// Its title.
    pub title: Option<String>,
    /// What it says.
    pub content: Option<String>,
    /// When it was sent, in milliseconds since the epoch.
    pub receive_timestamp: i64,
    /// What else belongs to it.
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

    /// All channels whose messages also go elsewhere.
    pub async fn mirrored_channels(&self) -> Result<Vec<Model>> {
        let all = Entity::find().order_by_asc(Column::Channel);
        Ok(all.limit(MOST_CHANNELS).all(&self.connection).await?)
    }

    /// Lets the messages of a channel go elsewhere, too, from now on.
    pub async fn mirror_channel(
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

    /// Keeps the messages of a channel here from now on. False when they were.
    pub async fn stop_mirroring(&self, channel: &str) -> Result<bool> {
        let gone = Entity::delete_by_id(channel).exec(&self.connection).await?;
        Ok(gone.rows_affected > 0)
    }

    /// Notes the newest message that was seen, for all channels: they are looked at together.
    pub async fn mark_channels(&self, newest_ms: i64) -> Result<()> {
        Entity::update_many()
            .col_expr(Column::MarkMs, Expr::value(newest_ms))
            .filter(Column::MarkMs.lt(newest_ms))
            .exec(&self.connection)
            .await?;
        Ok(())
    }

    /// The newest message that was seen of all channels.
    pub async fn channels_mark(&self) -> Result<Option<i64>> {
        let oldest = Entity::find()
            .select_only()
            .column_as(Column::MarkMs.min(), "mark")
            .into_tuple::<Option<i64>>();
        Ok(oldest.one(&self.connection).await?.flatten())
    }

    /// Messages of these channels from this moment on, after this one in the order of their time: one page.
    pub async fn inbox_messages(
        &self,
        channels: &[String],
        since_ms: i64,
        after: Option<&(i64, String)>,
        limit: u64,
    ) -> Result<Vec<InboxMessage>> {
        use in_app_message::{Column, Entity};
        if !self.has_table(Entity.table_name()).await? {
            return Ok(Vec::new());
        }
        // PostgreSQL has a type for UUIDs; elsewhere they are text.
        let id = match self.backend() {
            DbBackend::Postgres => Expr::col(Column::Id).cast_as("text"),
            _ => Expr::col(Column::Id),
        };
        let mut found = Entity::find()
            .select_only()
            .expr_as(id.clone(), "id")
            .column_as(Column::UserId, "user_id")
            .column_as(Column::ChannelName, "channel_name")
            .column_as(Column::Title, "title")
            .column_as(Column::Content, "content")
            .column_as(Column::ReceiveTimestamp, "receive_timestamp")
            .column_as(Column::Options, "options")
            .filter(Column::ChannelName.is_in(channels.iter().map(String::as_str)))
            .filter(Column::ReceiveTimestamp.gte(since_ms))
            .filter(Column::UserId.is_not_null());
        if let Some((at, last)) = after {
            let later = Condition::any().add(Column::ReceiveTimestamp.gt(*at)).add(
                Condition::all()
                    .add(Column::ReceiveTimestamp.eq(*at))
                    .add(id.clone().gt(last.as_str())),
            );
            found = found.filter(later);
        }
        let page = found
            .order_by_asc(Column::ReceiveTimestamp)
            .order_by_asc(id)
            .limit(limit)
            .into_model::<InboxMessage>();
        Ok(page.all(&self.connection).await?)
    }

    /// Which of these messages a process has taken.
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

    /// Forgets which messages were taken before this moment, in milliseconds since the epoch: they are older than
    /// what is looked at.
    pub async fn forget_claims(&self, before_ms: i64) -> Result<u64> {
        use message_claim::{Column, Entity};
        let gone = Entity::delete_many().filter(Column::ClaimedMs.lt(before_ms));
        Ok(gone.exec(&self.connection).await?.rows_affected)
    }

    fn backend(&self) -> DbBackend {
        use sea_orm::ConnectionTrait;
        self.connection.get_database_backend()
    }
}

impl Transaction {
    /// Takes messages for this process. A conflict when another has one of them.
    pub(super) async fn claim_rows(&self, ids: &[String]) -> Result<()> {
        let claimed_ms = self.now().timestamp_millis();
        for ids in ids.chunks(500) {
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
