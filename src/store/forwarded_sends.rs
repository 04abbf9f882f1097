//! Messages of NocoBase that were sent through a provider, until their outcome is in NocoBase's log.

use entity::forwarded_send::{Column, Entity, Model};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect};

use super::{Result, Store, Transaction};

impl Store {
    /// Sends whose outcome is to be looked up now, the longest overdue first.
    pub async fn due_sends(&self, limit: u64) -> Result<Vec<Model>> {
        let now = self.now().timestamp_millis();
        let due = Entity::find()
            .filter(Column::DueMs.lte(now))
            .order_by_asc(Column::DueMs)
            .limit(limit);
        Ok(due.all(&self.connection).await?)
    }

    /// Claims a send for this process until `next_ms`. Returns false when another process has claimed it.
    pub async fn take_send(&self, send: &Model, next_ms: i64) -> Result<bool> {
        let taken = Entity::update_many()
            .col_expr(Column::DueMs, Expr::value(next_ms))
            .col_expr(Column::Looks, Expr::value(send.looks + 1))
            .filter(Column::SendId.eq(&send.send_id))
            .filter(Column::DueMs.eq(send.due_ms))
            .exec(&self.connection)
            .await?;
        Ok(taken.rows_affected > 0)
    }

    /// Stores the reason that NocoBase's log has for a send.
    pub async fn remember_reason(&self, send_id: &str, reason: &str) -> Result<()> {
        Entity::update_many()
            .col_expr(Column::Reason, Expr::value(reason))
            .filter(Column::SendId.eq(send_id))
            .exec(&self.connection)
            .await?;
        Ok(())
    }

    /// Removes a send whose outcome will not change any more.
    pub async fn forget_send(&self, send_id: &str) -> Result<()> {
        Entity::delete_by_id(send_id).exec(&self.connection).await?;
        Ok(())
    }
}

impl Transaction {
    /// Stores a send, so that its outcome is looked up later.
    pub(super) async fn remember_send(&self, send: &Model) -> Result<()> {
        Entity::insert(send.clone().into_active_model())
            .exec_without_returning(&self.connection)
            .await?;
        Ok(())
    }
}
