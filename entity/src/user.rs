//! An account. Borrowed from NocoBase: its `users` collection.

use sea_orm::entity::prelude::*;

/// A row of `users`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "users", rename_all = "camelCase")]
pub struct Model {
    /// Sequence number; 1 is the root account of an install.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// When the row was created.
    pub created_at: Option<DateTimeUtc>,
    /// When the row was last changed.
    pub updated_at: Option<DateTimeUtc>,
    /// Display name.
    pub nickname: Option<String>,
    /// Name to sign in with.
    #[sea_orm(unique)]
    pub username: Option<String>,
    /// E-mail address, also good to sign in with.
    #[sea_orm(unique)]
    pub email: Option<String>,
    /// As somebody typed it: compare only after normalising.
    #[sea_orm(unique)]
    pub phone: Option<String>,
    /// 16 hex characters of salt and 48 of scrypt key; `None` never matches.
    pub password: Option<String>,
    /// When the password last changed, milliseconds since the epoch: older tokens are refused.
    pub password_change_tz: Option<i64>,
    /// Interface language, such as `zh-CN`.
    pub app_lang: Option<String>,
    /// Token of a pending password reset.
    #[sea_orm(unique)]
    pub reset_token: Option<String>,
    /// Preferences of the web client.
    #[sea_orm(column_type = "Json")]
    pub system_settings: Option<Json>,
    /// Position in lists.
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
