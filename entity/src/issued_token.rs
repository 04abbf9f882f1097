//! A session token that may be renewed. Borrowed from NocoBase.

use sea_orm::entity::prelude::*;

/// A row of `issuedTokens`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "issuedTokens", rename_all = "camelCase")]
pub struct Model {
    /// Version 4 UUID, not the token's `jti`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    /// When the row was created.
    pub created_at: DateTimeUtc,
    /// When the row was last changed.
    pub updated_at: DateTimeUtc,
    /// Start of the session, milliseconds since the epoch.
    pub sign_in_time: i64,
    /// Identifier of the newest token of the session.
    pub jti: String,
    /// When that token was issued, milliseconds since the epoch.
    pub issued_time: i64,
    /// The account.
    pub user_id: i64,
    /// Name of the authenticator that was used.
    pub authenticator: Option<String>,
}

/// No relation is declared: NocoBase keeps none in the database.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
