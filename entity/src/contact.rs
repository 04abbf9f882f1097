//! The contact data by which an account is looked up, in a form that can be compared. Owned by us.
//!
//! It is a copy of what `users` says, and that table decides whenever the two differ.

use sea_orm::entity::prelude::*;

/// A row of `dingtalk_contacts`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "dingtalk_contacts", rename_all = "camelCase")]
pub struct Model {
    /// The account.
    #[sea_orm(primary_key, auto_increment = false)]
    pub user_id: i64,
    /// The phone number in the form of E.164, if it can be read.
    pub phone: Option<String>,
    /// The last digits of the phone number, whether or not it can be read.
    pub phone_digits: Option<String>,
    /// The e-mail address, without capitals.
    pub email: Option<String>,
    /// The same address, if this row reserves it by a unique index. Of several accounts that already
    /// had one address in different capitals, only one row has a value here.
    pub unique_email: Option<String>,
    /// The user name, without capitals.
    pub username: Option<String>,
    /// The name that people read, without capitals.
    pub nickname: Option<String>,
}

/// No relation is declared: the account may be gone.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
