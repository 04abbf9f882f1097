//! A plugin that was installed. Borrowed from NocoBase.

use sea_orm::entity::prelude::*;

/// A row of `applicationPlugins`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "applicationPlugins", rename_all = "camelCase")]
pub struct Model {
    /// Sequence number.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// When the row was created.
    pub created_at: DateTimeUtc,
    /// When the row was last changed.
    pub updated_at: DateTimeUtc,
    /// Short name, such as `auth-dingtalk`.
    #[sea_orm(unique)]
    pub name: Option<String>,
    /// npm package name.
    #[sea_orm(unique)]
    pub package_name: Option<String>,
    /// Version.
    pub version: Option<String>,
    /// Whether it is in use.
    pub enabled: Option<bool>,
    /// Whether its installation finished.
    pub installed: Option<bool>,
    /// Whether it came with the application.
    pub built_in: Option<bool>,
    /// Further settings.
    #[sea_orm(column_type = "Json")]
    pub options: Option<Json>,
}

/// No relation is declared: NocoBase keeps none in the database.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
