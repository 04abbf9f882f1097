//! Settings of the application. Borrowed from NocoBase; one row, id 1.

use sea_orm::entity::prelude::*;

/// A row of `systemSettings`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "systemSettings", rename_all = "camelCase")]
pub struct Model {
    /// Sequence number.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// When the row was created.
    pub created_at: DateTimeUtc,
    /// When the row was last changed.
    pub updated_at: DateTimeUtc,
    /// Title.
    pub title: Option<String>,
    /// Whether the title is left out beside the logo.
    pub show_logo_only: Option<bool>,
    /// Kept for NocoBase; authenticators decide.
    pub allow_sign_up: Option<bool>,
    /// Kept for NocoBase.
    pub sms_auth_enabled: Option<bool>,
    /// Attachment of the logo.
    pub logo_id: Option<i64>,
    /// Language codes; the first is the default.
    #[sea_orm(column_type = "Json")]
    pub enabled_languages: Option<Json>,
    /// Default language.
    pub app_lang: Option<String>,
    /// Further settings.
    #[sea_orm(column_type = "Json")]
    pub options: Option<Json>,
    /// `default`, `allow-use-union` or `only-use-union`.
    pub role_mode: Option<String>,
    /// Whether people may edit their profile; unset means yes.
    pub enable_edit_profile: Option<bool>,
    /// Whether people may change their password; unset means yes.
    pub enable_change_password: Option<bool>,
}

/// No relation is declared: NocoBase keeps none in the database.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
