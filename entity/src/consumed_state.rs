//! A sign-in attempt that was used, so that its cookie cannot be used again. Owned by us.

use sea_orm::entity::prelude::*;

/// A row of `dingtalk_consumed_states`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "dingtalk_consumed_states", rename_all = "camelCase")]
pub struct Model {
    /// SHA-256 of the attempt's state, hexadecimal.
    #[sea_orm(primary_key, auto_increment = false)]
    pub digest: String,
    /// When the attempt would have expired, seconds since the epoch. After that, the row can be removed.
    pub expires_at: i64,
}

/// No relation is declared: NocoBase keeps none in the database.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
