//! A department, as the provider last described it. Owned by us.

use sea_orm::entity::prelude::*;

/// A row of `dingtalk_departments`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "dingtalk_departments", rename_all = "camelCase")]
pub struct Model {
    /// The source.
    #[sea_orm(primary_key, auto_increment = false)]
    pub source_id: i64,
    /// The provider's identifier of the department.
    #[sea_orm(primary_key, auto_increment = false)]
    pub external_id: String,
    /// Its name.
    pub title: String,
    /// The provider's identifier of the parent department.
    pub parent_id: Option<String>,
    /// Its position among its siblings.
    pub position: Option<i64>,
    /// Its id on this server, if it was created here.
    pub department_id: Option<i64>,
    /// When a run last began to create it without a known result.
    pub tried_at: Option<DateTimeUtc>,
}

/// No relation is declared: the department may be gone.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
