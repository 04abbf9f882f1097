//! Departments. Borrowed from NocoBase's plugin `departments`, without which there is no such table.

use sea_orm::entity::prelude::*;

/// A row of `departments`, as far as it is read.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "departments", rename_all = "camelCase")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// Its name.
    pub title: Option<String>,
    /// The department that it is in; none at the top.
    pub parent_id: Option<i64>,
}

/// No relation is declared: NocoBase keeps none in the database.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
