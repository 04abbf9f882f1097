//! What a message says that still waits for somebody, until nobody waits. Owned by us.

use sea_orm::entity::prelude::*;

/// A row of `dingtalk_waiting_sends`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "dingtalk_waiting_sends", rename_all = "camelCase")]
pub struct Model {
    /// Which of our messages belong to it.
    #[sea_orm(primary_key, auto_increment = false)]
    pub send_id: String,
    /// Until when it is tried, in milliseconds since the epoch.
    pub give_up_ms: i64,
    /// The message, as JSON.
    #[sea_orm(column_type = "Text")]
    pub content: String,
}

/// It belongs to nothing else.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
