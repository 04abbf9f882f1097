//! How often a part of what servers keep in memory was changed. Owned by us.

use sea_orm::entity::prelude::*;

/// A row of `dingtalk_changes`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "dingtalk_changes", rename_all = "camelCase")]
pub struct Model {
    /// Which part; the server's `store` says what each means.
    #[sea_orm(primary_key, auto_increment = false)]
    pub slot: i32,
    /// Goes up with each change.
    pub version: i64,
}

/// No relation is declared: NocoBase keeps none in the database.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
