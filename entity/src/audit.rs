//! An event of the audit trail: something that somebody did or was refused, and that concerns who can sign in. Owned by
//! us.

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
    /// What somebody asked for, such as `signIn`.
    pub action: String,
    /// `success` or `refused`.
    pub result: String,
    /// Why it was refused, as a code that never changes.
    pub reason: Option<String>,
    /// The account that it concerns, if it is known.
    pub user_id: Option<i64>,
    /// The identifier of the person who was refused, if the provider said who it was.
    pub person_id: Option<String>,
    /// The name of that person.
    pub person_name: Option<String>,
    /// The account that asked for it, if somebody was signed in.
    pub actor_id: Option<i64>,
    /// Name of the authenticator.
    pub authenticator: Option<String>,
    /// Address of the client, seen through trusted proxies.
    pub address: String,
    /// What the client calls itself.
    pub user_agent: Option<String>,
    /// The id of the request, which the client got as `x-request-id` and which is in the log.
    pub request_id: Option<String>,
}

/// No relation is declared: accounts may be gone while what they did stays.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
