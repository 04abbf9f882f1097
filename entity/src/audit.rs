//! What somebody did, or was refused, that concerns who gets in. Owned by us.

use sea_orm::entity::prelude::*;

/// A row of `dingtalk_audit`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "dingtalk_audit", rename_all = "camelCase")]
pub struct Model {
    /// Sequence number.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// When it happened.
    pub created_at: DateTimeUtc,
    /// What was asked for, such as `signIn`.
    pub action: String,
    /// `success` or `refused`.
    pub result: String,
    /// Why it was refused: a code that stays the same.
    pub reason: Option<String>,
    /// The account that it concerns, where one is known.
    pub user_id: Option<i64>,
    /// The identifier of the person who was refused, where the provider said who it was.
    pub person_id: Option<String>,
    /// The name of that person.
    pub person_name: Option<String>,
    /// The account that asked for it, where somebody was signed in.
    pub actor_id: Option<i64>,
    /// Name of the authenticator.
    pub authenticator: Option<String>,
    /// Address of the client, seen through trusted proxies.
    pub address: String,
    /// What the client calls itself.
    pub user_agent: Option<String>,
    /// The id that the client got as `x-request-id` and that stands in the log.
    pub request_id: Option<String>,
}

/// No relation is declared: accounts may be gone while what they did stays.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
