//! That a process has taken a row of NocoBase's to send it: one only. Owned by us.

use sea_orm::entity::prelude::*;

/// A row of `dingtalk_message_claims`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "dingtalk_message_claims", rename_all = "camelCase")]
pub struct Model {
    /// Id of the row.
    #[sea_orm(primary_key, auto_increment = false)]
    pub row_id: String,
    /// When it was taken, in milliseconds since the epoch.
    pub claimed_ms: i64,
}

/// It belongs to nothing else.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
