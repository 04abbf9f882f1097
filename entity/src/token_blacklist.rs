//! A token that was signed out before it expired. Borrowed from NocoBase.

use sea_orm::entity::prelude::*;

/// A row of `tokenBlacklist`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "tokenBlacklist", rename_all = "camelCase")]
pub struct Model {
    /// Sequence number.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// When the row was created.
    pub created_at: DateTimeUtc,
    /// When the row was last changed.
    pub updated_at: DateTimeUtc,
    /// The token's `jti`, or the whole token when it has none.
    pub token: Option<String>,
    /// After this the row is of no use.
    pub expiration: Option<DateTimeUtc>,
}

/// No relation is declared: NocoBase keeps none in the database.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
