//! A finding of a run: a change that it made or would make, or something that it noticed. Owned by us.

use sea_orm::entity::prelude::*;

/// A row of `dingtalk_directory_findings`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "dingtalk_directory_findings", rename_all = "camelCase")]
pub struct Model {
    /// Sequence number.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// The run.
    pub run_id: i64,
    /// The kind, such as `phoneTaken` or `createAccount`.
    pub kind: String,
    /// `change`, `note`, `conflict` or `error`.
    pub severity: String,
    /// The provider's identifier of the person.
    pub person_id: Option<String>,
    /// The person's name.
    pub person_name: Option<String>,
    /// The provider's identifier of the department.
    pub department_id: Option<String>,
    /// The accounts that it concerns.
    #[sea_orm(column_type = "Json")]
    pub accounts: Json,
    /// Further details of this kind of finding.
    #[sea_orm(column_type = "Text", nullable)]
    pub detail: Option<String>,
}

/// No relation is declared: the run may be gone.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
