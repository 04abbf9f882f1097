//! A message of NocoBase that was sent through a provider, until its outcome is in NocoBase's log. Owned by us.

use sea_orm::entity::prelude::*;

/// A row of `dingtalk_carried_sends`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "dingtalk_carried_sends", rename_all = "camelCase")]
pub struct Model {
    /// The id that its rows of `dingtalk_messages` share.
    #[sea_orm(primary_key, auto_increment = false)]
    pub send_id: String,
    /// Name of the channel.
    pub channel: String,
    /// When NocoBase sent it, in milliseconds since the epoch.
    pub received_ms: i64,
    /// A digest of its content, by which its line in NocoBase's log is found.
    pub digest: String,
    /// The account in whose name the log is written.
    pub account_id: i64,
    /// How often its outcome was looked up.
    pub looks: i64,
    /// When its outcome is looked up next, in milliseconds since the epoch.
    pub due_ms: i64,
    /// The reason that the log has for it so far.
    #[sea_orm(column_type = "Text", nullable)]
    pub reason: Option<String>,
}

/// No relation is declared: the channel may be gone.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
