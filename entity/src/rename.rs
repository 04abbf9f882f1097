//! An authenticator that NocoBase was asked to rename, until its bindings have the new name. Owned by us.

use sea_orm::entity::prelude::*;

/// A row of `dingtalk_renames`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "dingtalk_renames", rename_all = "camelCase")]
pub struct Model {
    /// Sequence number.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// The authenticator.
    pub authenticator_id: i64,
    /// The name that its bindings still have.
    pub old_name: String,
    /// When NocoBase was asked, in milliseconds since the epoch.
    pub started_ms: i64,
}

/// No relation is declared: the authenticator may be gone.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
