//! A mark that a process has taken a message of NocoBase's inbox to send it, so that no other process does. Owned by us.

use sea_orm::entity::prelude::*;

/// A row of `dingtalk_message_claims`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "dingtalk_message_claims", rename_all = "camelCase")]
pub struct Model {
    /// The id of the message in NocoBase's table.
    #[sea_orm(primary_key, auto_increment = false)]
    pub row_id: String,
    /// When it was taken, in milliseconds since the epoch.
    pub claimed_ms: i64,
}

/// No relation is declared: the message may be gone.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
