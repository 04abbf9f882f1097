//! A binding of an account to a subject at an authenticator. Borrowed from NocoBase.

use sea_orm::entity::prelude::*;

/// A row of `usersAuthenticators`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "usersAuthenticators", rename_all = "camelCase")]
pub struct Model {
    /// Name of the authenticator.
    #[sea_orm(primary_key, auto_increment = false)]
    pub authenticator: String,
    /// The account.
    #[sea_orm(primary_key, auto_increment = false)]
    pub user_id: i64,
    /// The subject, which is the identifier of the person at the provider.
    pub uuid: String,
    /// Display name.
    pub nickname: String,
    /// Address of a picture.
    pub avatar: String,
    /// What the provider said about the subject.
    #[sea_orm(column_type = "Json")]
    pub meta: Option<Json>,
    /// When the row was created.
    pub created_at: DateTimeUtc,
    /// When the row was last changed.
    pub updated_at: DateTimeUtc,
    /// Account that created the row.
    pub created_by_id: Option<i64>,
    /// Account that last changed the row.
    pub updated_by_id: Option<i64>,
}

/// No relation is declared: NocoBase keeps none in the database.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
