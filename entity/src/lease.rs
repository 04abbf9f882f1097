//! A lease, which says which process does some work that only one may do at a time. Owned by us.

use sea_orm::entity::prelude::*;

/// A row of `dingtalk_leases`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "dingtalk_leases", rename_all = "camelCase")]
pub struct Model {
    /// The name of the work.
    #[sea_orm(primary_key, auto_increment = false)]
    pub name: String,
    /// The holder, named by a text that each process makes up.
    pub holder: String,
    /// When it expires unless it is renewed, in milliseconds since the epoch.
    pub expires_ms: i64,
}

/// No relation is declared: the row belongs to nothing else.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
