//! What a binding is looked for by. Owned by us.
//!
//! A copy of what `usersAuthenticators` says, which decides whenever the two differ.

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
    /// Who this is at the provider.
    pub subject: String,
    /// A second identifier of the same person, where the binding keeps one.
    pub witness: Option<String>,
}

/// No relation is declared: account and authenticator may be gone.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
