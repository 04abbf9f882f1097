//! Messages in NocoBase's inbox, in the order in which they come.
//!
//! NocoBase's table has an index on channels and none on time, so that a look at a channel with very many messages
//! takes seconds. SQLite numbers rows as they come, and has these numbers in each index: there a look begins behind a
//! row that was there before, as long as this row stays.

use entity::in_app_message::{Column, Entity};
use sea_orm::sea_query::{CaseStatement, Expr, Query, SimpleExpr};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbBackend, EntityName, EntityTrait, ExprTrait,
    FromQueryResult, QueryFilter, QueryOrder, QuerySelect,
};

use super::{Result, Store};

/// So many rows are between a landmark and the newest row: it shall not be one that is soon taken out.
const DISTANCE: i64 = 1000;
/// SQLite's number of a row. A new row gets a greater one than all that are there.
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
    /// What else belongs to it.
    pub options: Option<serde_json::Value>,
}

/// A message of the inbox behind which all messages stand that come after it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Landmark {
    number: i64,
    id: String,
}

impl Landmark {
    /// Rows behind it; all of them once it is gone, since a row that comes then may get a lower number.
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
    /// A message such that only those behind it have to be looked at from now on, if there is one.
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

    /// Messages of these channels from this moment on, after this one in the order of their time: one page.
    pub async fn inbox_messages(
        &self,
        channels: &[String],
        since_ms: i64,
        after: Option<&(i64, String)>,
        landmark: Option<&Landmark>,
        limit: u64,
    ) -> Result<Vec<InboxMessage>> {
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

    /// Whether NocoBase has a table of messages. Its plugin for them makes it when it is switched on first.
    pub async fn has_inbox(&self) -> Result<bool> {
        self.has_table(Entity.table_name()).await
    }

    fn backend(&self) -> DbBackend {
        self.connection.get_database_backend()
    }
}
