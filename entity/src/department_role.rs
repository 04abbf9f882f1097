//! Which role the members of a department have. Borrowed from NocoBase's plugin `departments`,
//! without which there is no such table.

use sea_orm::entity::prelude::*;

/// A row of `departmentsRoles`, as far as it is read.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "departmentsRoles", rename_all = "camelCase")]
pub struct Model {
    /// The department.
    #[sea_orm(primary_key, auto_increment = false)]
    pub department_id: i64,
    /// The role.
    #[sea_orm(primary_key, auto_increment = false)]
    pub role_name: String,
}

/// No relation is declared: NocoBase keeps none in the database.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
