//! A configured way to sign in. Borrowed from NocoBase.

use sea_orm::entity::prelude::*;

/// A row of `authenticators`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "authenticators", rename_all = "camelCase")]
pub struct Model {
    /// Sequence number.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// When the row was created.
    pub created_at: DateTimeUtc,
    /// When the row was last changed.
    pub updated_at: DateTimeUtc,
    /// The key that clients send in `X-Authenticator`.
    #[sea_orm(unique)]
    pub name: String,
    /// Which provider handles it: `Email/Password`, `dingtalk`, …
    pub auth_type: String,
    /// Text of the sign-in button.
    pub title: Option<String>,
    /// Description.
    pub description: String,
    /// Settings of the provider; only the part under `public` may be shown to anonymous visitors.
    #[sea_orm(column_type = "Json")]
    pub options: Json,
    /// Whether it is in use.
    pub enabled: Option<bool>,
    /// Order on the sign-in page.
    pub sort: Option<i64>,
    /// Account that created the row.
    pub created_by_id: Option<i64>,
    /// Account that last changed the row.
    pub updated_by_id: Option<i64>,
}

/// No relation is declared: NocoBase keeps none in the database.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
