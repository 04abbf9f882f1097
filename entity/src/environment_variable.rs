//! A variable for `{{ $env.NAME }}` in settings. Borrowed from NocoBase.

use sea_orm::entity::prelude::*;

/// A row of `environmentVariables`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "environmentVariables", rename_all = "camelCase")]
pub struct Model {
    /// Name.
    #[sea_orm(primary_key, auto_increment = false)]
    pub name: String,
    /// When the row was created.
    pub created_at: DateTimeUtc,
    /// When the row was last changed.
    pub updated_at: DateTimeUtc,
    /// `default` or `secret` (encrypted).
    #[sea_orm(column_name = "type")]
    pub kind: Option<String>,
    /// Its value.
    #[sea_orm(column_type = "Text")]
    pub value: Option<String>,
}

/// No relation is declared: NocoBase keeps none in the database.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
