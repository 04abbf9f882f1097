//! How many people signed in through providers, or were refused, in a past hour. Owned by us.
//!
//! These are sums over `dingtalk_audit`, so that a chart of a month need not count all its rows.

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
    /// The number of sign-ins with this result.
    pub sign_ins: i64,
}

/// No relation is declared: rows of the audit trail may be gone.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
