//! A counter of changes for each part of the data that servers cache. Owned by us.

use sea_orm::entity::prelude::*;

/// A row of `dingtalk_changes`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "dingtalk_changes", rename_all = "camelCase")]
pub struct Model {
    /// The number of the part; the server's `store` says what each means.
    #[sea_orm(primary_key, auto_increment = false)]
    pub slot: i32,
    /// The counter, which goes up with each change.
    pub version: i64,
}

/// No relation is declared: NocoBase keeps none in the database.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
