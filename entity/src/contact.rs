//! What an account is looked for by, in a form that can be compared. Owned by us.
//!
//! A copy of what `users` says, which decides whenever the two differ.

use sea_orm::entity::prelude::*;

/// A row of `dingtalk_contacts`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "dingtalk_contacts", rename_all = "camelCase")]
pub struct Model {
    /// The account.
    #[sea_orm(primary_key, auto_increment = false)]
    pub user_id: i64,
    /// The phone number in the form of E.164, where it is understood.
    pub phone: Option<String>,
    /// The digits in which the phone number ends, whatever it means.
    pub phone_digits: Option<String>,
    /// The e-mail address, without capitals.
    pub email: Option<String>,
    /// The same where it holds the address against others. Of accounts that had one address in
    /// different capitals before, one does.
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
