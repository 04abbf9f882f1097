//! The content of a message that still waits to be sent to somebody. Owned by us.

use sea_orm::entity::prelude::*;

/// A row of `dingtalk_waiting_sends`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "dingtalk_waiting_sends", rename_all = "camelCase")]
pub struct Model {
    /// The id that its rows of `dingtalk_messages` share.
    #[sea_orm(primary_key, auto_increment = false)]
    pub send_id: String,
    /// When the last attempt may be made, in milliseconds since the epoch.
    pub give_up_ms: i64,
    /// The message, as JSON.
    #[sea_orm(column_type = "Text")]
    pub content: String,
}

/// No relation is declared: the messages may be gone.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
