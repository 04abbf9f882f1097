//! A role. Borrowed from NocoBase.

use sea_orm::entity::prelude::*;

/// A row of `roles`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "roles", rename_all = "camelCase")]
pub struct Model {
    /// `root`, `admin`, `member` or a custom role's name.
    #[sea_orm(primary_key, auto_increment = false)]
    pub name: String,
    /// When the row was created.
    pub created_at: DateTimeUtc,
    /// When the row was last changed.
    pub updated_at: DateTimeUtc,
    /// Title.
    #[sea_orm(unique)]
    pub title: Option<String>,
    /// Description.
    pub description: Option<String>,
    /// Actions allowed on every data table.
    #[sea_orm(column_type = "Json")]
    pub strategy: Option<Json>,
    /// Whether new accounts get this role.
    pub default: Option<bool>,
    /// Whether lists leave it out.
    pub hidden: Option<bool>,
    /// Whether it may configure data tables.
    pub allow_configure: Option<bool>,
    /// Whether it sees new menu entries.
    pub allow_new_menu: Option<bool>,
    /// Whether it sees new mobile menu entries.
    pub allow_new_mobile_menu: Option<bool>,
    /// Whether it may use new AI employees.
    pub allow_new_ai_employee: Option<bool>,
    /// Names of the settings areas that the role may or (with `!`) may not open.
    #[sea_orm(column_type = "Json")]
    pub snippets: Option<Json>,
    /// Position in lists.
    pub sort: Option<i64>,
}

/// No relation is declared: NocoBase keeps none in the database.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
