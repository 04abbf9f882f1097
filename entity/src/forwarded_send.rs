//! A send of NocoBase's that was forwarded to people at a provider, until NocoBase's log says how it ended. Owned by us.

use sea_orm::entity::prelude::*;

/// A row of `dingtalk_carried_sends`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "dingtalk_carried_sends", rename_all = "camelCase")]
pub struct Model {
    /// Which of our messages belong to it.
    #[sea_orm(primary_key, auto_increment = false)]
    pub send_id: String,
    /// Name of the channel.
    pub channel: String,
    /// When NocoBase sent it, in milliseconds since the epoch.
    pub received_ms: i64,
    /// A digest of what it says, by which its line in NocoBase's log is known.
    pub digest: String,
    /// The account in whose name the log is written.
    pub account_id: i64,
    /// How often was looked what became of it.
    pub looks: i64,
    /// When it is looked at again, in milliseconds since the epoch.
    pub due_ms: i64,
    /// What the log says of it so far.
    #[sea_orm(column_type = "Text", nullable)]
    pub reason: Option<String>,
}

/// It belongs to nothing else.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
