//! Whether one of this product's plugins is on. NocoBase's own table must not have it, because NocoBase would try to
//! load the plugin. Owned by us.

use sea_orm::entity::prelude::*;

/// A row of `dingtalk_switches`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "dingtalk_switches", rename_all = "camelCase")]
pub struct Model {
    /// The name of the plugin, such as `auth-dingtalk`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub name: String,
    /// Whether it is on.
    pub enabled: bool,
    /// When it was last switched, seconds since the epoch.
    pub changed_at: i64,
}

/// No relation is declared: NocoBase keeps none in the database.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
