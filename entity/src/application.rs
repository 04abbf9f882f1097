//! An application below the main one. Borrowed from NocoBase's plugin `multi-app-manager`, without
//! which there is no such table.

use sea_orm::entity::prelude::*;

/// A row of `applications`, as far as it is read.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "applications", rename_all = "camelCase")]
pub struct Model {
    /// Name, the key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub name: String,
    /// The host name under which browsers reach it, where it has one of its own.
    pub cname: Option<String>,
}

/// No relation is declared: NocoBase keeps none in the database.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
