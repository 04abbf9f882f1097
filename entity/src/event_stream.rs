//! The connection over which a provider tells the events of an authenticator. Owned by us.

use sea_orm::entity::prelude::*;

use crate::stored_name::stored_by_name;

stored_by_name! {
    /// How a connection is.
    pub enum State {
        /// It is being opened.
        Connecting,
        /// It is open.
        Connected,
        /// There is none until the next attempt.
        Waiting,
        /// There is none until somebody corrects something.
        Refused,
    }
}

/// A row of `dingtalk_streams`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "dingtalk_streams", rename_all = "camelCase")]
pub struct Model {
    /// Id of the authenticator.
    #[sea_orm(primary_key, auto_increment = false)]
    pub authenticator_id: i64,
    /// How it is.
    pub state: State,
    /// When this state began.
    pub since: DateTimeUtc,
    /// When the provider was last heard over a connection. What happened later may have been missed.
    pub heard_at: Option<DateTimeUtc>,
    /// Why there is no connection.
    #[sea_orm(column_type = "Text", nullable)]
    pub error: Option<String>,
}

/// No relation is declared: the authenticator may be gone.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
