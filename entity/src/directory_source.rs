//! A source of the directory: the settings by which the organization of an authenticator is copied. Owned by us.

use sea_orm::entity::prelude::*;

/// A row of `dingtalk_directory_sources`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "dingtalk_directory_sources", rename_all = "camelCase")]
pub struct Model {
    /// Sequence number.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// When the row was created.
    pub created_at: DateTimeUtc,
    /// When the row was last changed.
    pub updated_at: DateTimeUtc,
    /// Id of the authenticator that it belongs to. Each has one source at most.
    #[sea_orm(unique)]
    pub authenticator_id: i64,
    /// Whether it follows its schedule and processes events.
    pub enabled: bool,
    /// What is copied, and when, as JSON.
    #[sea_orm(column_type = "Json")]
    pub options: Json,
    /// The account as which it makes changes, which is the one that saved it last.
    pub acting_user_id: i64,
}

/// No relation is declared: authenticator and account may be gone.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
