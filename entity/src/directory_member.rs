//! A person as the provider last described them, with their account. Owned by us.

use sea_orm::entity::prelude::*;

/// A row of `dingtalk_members`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "dingtalk_members", rename_all = "camelCase")]
pub struct Model {
    /// The source.
    #[sea_orm(primary_key, auto_increment = false)]
    pub source_id: i64,
    /// The stable ID of the person, which is never given to another one; the identifier within the
    /// organization if the provider has none.
    #[sea_orm(primary_key, auto_increment = false, column_name = "person")]
    pub stable_id: String,
    /// The identifier of the person within the organization.
    pub external_id: String,
    /// The name.
    pub name: String,
    /// The phone number, with country code.
    pub phone: Option<String>,
    /// The email address that the organization has for the person.
    pub email: Option<String>,
    /// The same without capitals, which finds other spellings of it by an index. Written by the store.
    pub normalized_email: Option<String>,
    /// Address of a picture.
    #[sea_orm(column_type = "Text", nullable)]
    pub avatar: Option<String>,
    /// The job title.
    pub job_title: Option<String>,
    /// The number under which the organization keeps the person.
    pub job_number: Option<String>,
    /// Where the person works.
    pub work_place: Option<String>,
    /// The departments that the person is in at the provider, the main one first.
    #[sea_orm(column_type = "Json")]
    pub departments: Json,
    /// The departments of this server that the account was put into, the main one first.
    #[sea_orm(column_type = "Json")]
    pub memberships: Json,
    /// A digest of what the provider said about the person.
    pub digest: String,
    /// The account.
    pub user_id: Option<i64>,
    /// Whether the person has left, and the account was treated accordingly.
    pub is_gone: bool,
    /// When it was noticed that the person had left.
    pub gone_at: Option<DateTimeUtc>,
    /// Names of the roles that the account had before its access was ended.
    #[sea_orm(column_type = "Json")]
    pub roles: Json,
    /// When a run last began a step for the person whose result is not known.
    pub tried_at: Option<DateTimeUtc>,
    /// When the row was last changed.
    pub updated_at: DateTimeUtc,
}

/// No relation is declared: the account may be gone.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
