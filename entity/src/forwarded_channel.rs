//! A channel of NocoBase's notifications whose messages also go to people at a provider. Owned by us.

use sea_orm::entity::prelude::*;

/// A row of `dingtalk_mirrored_channels`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "dingtalk_mirrored_channels", rename_all = "camelCase")]
pub struct Model {
    /// Name of the channel.
    #[sea_orm(primary_key, auto_increment = false)]
    pub channel: String,
    /// When the row was created.
    pub created_at: DateTimeUtc,
    /// When the row was last changed.
    pub updated_at: DateTimeUtc,
    /// Name of the authenticator.
    pub authenticator: String,
    /// When forwarding began, in milliseconds since the epoch. Earlier messages are not forwarded.
    pub started_ms: i64,
    /// When the newest message that was seen was sent, in milliseconds since the epoch.
    pub mark_ms: i64,
    /// The account that last changed it.
    pub updated_by_id: Option<i64>,
}

/// No relation is declared: the channel may be gone.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
