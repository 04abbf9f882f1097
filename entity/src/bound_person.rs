//! The identifiers by which a binding is looked up. Owned by us.
//!
//! It is a copy of what `usersAuthenticators` says, and that table decides whenever the two differ.

use sea_orm::entity::prelude::*;

/// A row of `dingtalk_bound_people`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "dingtalk_bound_people", rename_all = "camelCase")]
pub struct Model {
    /// The account.
    #[sea_orm(primary_key, auto_increment = false)]
    pub user_id: i64,
    /// Name of the authenticator.
    #[sea_orm(primary_key, auto_increment = false)]
    pub authenticator: String,
    /// The identifier by which the person is bound at the provider.
    pub subject: String,
    /// The stable ID of the same person, if the binding keeps one. It shows when the subject was given to
    /// somebody else.
    #[sea_orm(column_name = "witness")]
    pub stable_id: Option<String>,
}

/// No relation is declared: account and authenticator may be gone.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
