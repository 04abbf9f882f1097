//! A channel of notifications. Borrowed from NocoBase's plugin `notification-manager`, without which there is no such
//! table.

use sea_orm::entity::prelude::*;

/// A row of `notificationChannels`, as far as it is read.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "notificationChannels", rename_all = "camelCase")]
pub struct Model {
    /// Its name, which stays the same.
    #[sea_orm(primary_key, auto_increment = false)]
    pub name: String,
    /// Its title.
    pub title: Option<String>,
    /// Its type, such as `in-app-message`.
    pub notification_type: Option<String>,
    /// Its options.
    #[sea_orm(column_type = "Json", nullable)]
    pub options: Option<Json>,
}

/// No relation is declared: NocoBase keeps none in the database.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
