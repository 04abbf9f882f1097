//! The token policy. Borrowed from NocoBase; one row.

use sea_orm::entity::prelude::*;

/// A row of `tokenControlConfig`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "tokenControlConfig", rename_all = "camelCase")]
pub struct Model {
    /// Always `token-policy-config`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub key: String,
    /// When the row was created.
    pub created_at: DateTimeUtc,
    /// When the row was last changed.
    pub updated_at: DateTimeUtc,
    /// Lifetimes as `ms` strings such as `1d`.
    #[sea_orm(column_type = "Json")]
    pub config: Json,
    /// Account that created the row.
    pub created_by_id: Option<i64>,
    /// Account that last changed the row.
    pub updated_by_id: Option<i64>,
}

/// No relation is declared: NocoBase keeps none in the database.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
