//! A message in somebody's inbox. Borrowed from NocoBase's plugin `notification-in-app-message`, without which there is
//! no such table.

use sea_orm::entity::prelude::*;

/// A row of `notificationInAppMessages`, as far as it is read.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "notificationInAppMessages", rename_all = "camelCase")]
pub struct Model {
    /// A UUID.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    /// The account.
    pub user_id: Option<i64>,
    /// Name of the channel.
    pub channel_name: Option<String>,
    /// Its title.
    #[sea_orm(column_type = "Text", nullable)]
    pub title: Option<String>,
    /// What it says.
    #[sea_orm(column_type = "Text", nullable)]
    pub content: Option<String>,
    /// When it was sent, in milliseconds since the epoch.
    pub receive_timestamp: Option<i64>,
    /// Its options, such as the address that it opens.
    #[sea_orm(column_type = "Json", nullable)]
    pub options: Option<Json>,
}

/// No relation is declared: NocoBase keeps none in the database.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
