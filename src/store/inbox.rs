//! Messages in NocoBase's inbox, in the order in which they were sent.
//!
//! NocoBase's table has an index on channels and none on time, so reading a channel with very many messages takes
//! seconds. SQLite numbers rows in the order in which they are inserted, and every index contains these numbers. So on
//! SQLite reading begins after a row that existed before, the landmark, as long as that row exists.

use entity::in_app_message::{Column, Entity};
use sea_orm::sea_query::{CaseStatement, Expr, Query, SimpleExpr};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbBackend, EntityName, EntityTrait, ExprTrait,
    FromQueryResult, QueryFilter, QueryOrder, QuerySelect,
};

use super::{Result, Store, uuids};

/// How many rows are between a landmark and the newest row. A newer row is more likely to be removed soon.
const DISTANCE: i64 = 1000;
/// The column with SQLite's number of a row. A new row gets a greater number than all existing rows.
const NUMBER: &str = "rowid";

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
    /// Its options.
    pub options: Option<serde_json::Value>,
}

/// A message of the inbox. The numbers of all later messages are greater than its number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Landmark {
    number: i64,
    id: String,
}

impl Landmark {
    /// The condition for rows after it. When it has been removed, all rows fulfil the condition, because new rows may get
    /// lower numbers.
    fn is_before(&self) -> SimpleExpr {
        let itself = Query::select()
            .expr(Expr::val(1))
            .from(Entity)
            .and_where(Expr::cust(NUMBER).eq(self.number))
            .and_where(Expr::col(Column::Id).eq(self.id.as_str()))
            .take();
        let from = CaseStatement::new()
            .case(Expr::exists(itself), self.number)
            .finally(0);
        Expr::cust(NUMBER).gt(from)
    }
}

impl Store {
    /// A landmark after which reading can begin from now on; none on other databases and in a small inbox.
    pub async fn inbox_landmark(&self) -> Result<Option<Landmark>> {
        if self.backend() != DbBackend::Sqlite {
            return Ok(None);
        }
        let newest = Query::select()
            .expr(Expr::cust(format!("MAX({NUMBER})")))
            .from(Entity)
            .take();
        let newest = Expr::SubQuery(None, Box::new(newest.into()));
        let found = Entity::find()
            .select_only()
            .expr_as(Expr::cust(NUMBER), "number")
            .column(Column::Id)
            .filter(Expr::cust(NUMBER).lte(newest.sub(DISTANCE)))
            .order_by_desc(Expr::cust(NUMBER))
            .limit(1)
            .into_tuple::<(i64, String)>();
        let found = found.one(&self.connection).await?;
        Ok(found.map(|(number, id)| Landmark { number, id }))
    }

    /// A page of the messages of these channels that were sent at `since_ms` or later. It begins after `after` in the
    /// order of time and id.
    pub async fn inbox_messages(
        &self,
        channels: &[String],
        since_ms: i64,
        after: Option<&(i64, String)>,
        landmark: Option<&Landmark>,
        limit: u64,
    ) -> Result<Vec<InboxMessage>> {
        let id = uuids::as_text(self.backend(), Expr::col(Column::Id));
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
        if let Some(landmark) = landmark {
            found = found.filter(landmark.is_before());
        }
        let page = found
            .order_by_asc(Column::ReceiveTimestamp)
            .order_by_asc(id)
            .limit(limit)
            .into_model::<InboxMessage>();
        Ok(page.all(&self.connection).await?)
    }

    /// Whether NocoBase has the table of messages. Its plugin for them creates it when it is first switched on.
    pub async fn has_inbox(&self) -> Result<bool> {
        self.has_table(Entity.table_name()).await
    }

    fn backend(&self) -> DbBackend {
        self.connection.get_database_backend()
    }
}
