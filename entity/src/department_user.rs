//! Which account is a member of which department. Borrowed from NocoBase's plugin `departments`, without
//! which there is no such table.

use sea_orm::entity::prelude::*;

/// A row of `departmentsUsers`, as far as it is read.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "departmentsUsers", rename_all = "camelCase")]
pub struct Model {
    /// The department.
    #[sea_orm(primary_key, auto_increment = false)]
    pub department_id: i64,
    /// The account.
    #[sea_orm(primary_key, auto_increment = false)]
    pub user_id: i64,
}

/// No relation is declared: NocoBase keeps none in the database.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
