//! A token for a program. Borrowed from NocoBase.

use sea_orm::entity::prelude::*;

/// A row of `apiKeys`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "apiKeys", rename_all = "camelCase")]
pub struct Model {
    /// Sequence number.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// When the row was created; keys are never changed.
    pub created_at: DateTimeUtc,
    /// What it is for.
    pub name: Option<String>,
    /// The role that it acts with.
    pub role_name: Option<String>,
    /// How long it lasts, such as `30d` or `never`.
    pub expires_in: Option<String>,
    /// The token itself, so that it can be refused once the row goes.
    pub token: Option<String>,
    /// Position in lists.
    pub sort: Option<i64>,
    /// Account that created the row, and that the key acts for.
    pub created_by_id: Option<i64>,
}

/// No relation is declared: NocoBase keeps none in the database.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
