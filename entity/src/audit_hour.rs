//! How many signed in through providers, or were refused, in an hour that is over. Owned by us.
//!
//! A sum of what `dingtalk_audit` says, so that nobody counts a month of rows to draw it.

use sea_orm::entity::prelude::*;

/// A row of `dingtalk_audit_hours`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "dingtalk_audit_hours", rename_all = "camelCase")]
pub struct Model {
    /// The hour, counted from the epoch.
    #[sea_orm(primary_key, auto_increment = false)]
    pub hour: i64,
    /// Name of the authenticator; empty where none is known.
    #[sea_orm(primary_key, auto_increment = false)]
    pub authenticator: String,
    /// `success` or `refused`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub result: String,
    /// How many.
    pub sign_ins: i64,
}

/// No relation is declared: rows of the audit trail may be gone.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
