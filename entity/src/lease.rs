//! Which process does what only one may do. Owned by us.

use sea_orm::entity::prelude::*;

/// A row of `dingtalk_leases`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "dingtalk_leases", rename_all = "camelCase")]
pub struct Model {
    /// What is done.
    #[sea_orm(primary_key, auto_increment = false)]
    pub name: String,
    /// Who does it: a text that each holder makes up.
    pub holder: String,
    /// Until when, in milliseconds since the epoch, unless it is renewed.
    pub expires_ms: i64,
}

/// It belongs to nothing else.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
