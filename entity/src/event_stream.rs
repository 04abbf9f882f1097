//! The connection over which a provider sends the events of an authenticator. Owned by us.

use sea_orm::entity::prelude::*;

use crate::stored_name::stored_by_name;

stored_by_name! {
    /// The state of a connection.
    pub enum State {
        /// It is being opened.
        Connecting,
        /// It is open.
        Connected,
        /// There is no connection until the next attempt.
        Waiting,
        /// There is no connection until somebody corrects a setting.
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
    /// Its state.
    pub state: State,
    /// When this state began.
    pub since: DateTimeUtc,
    /// When the provider last sent something. Events after that may have been missed.
    pub heard_at: Option<DateTimeUtc>,
    /// Why there is no connection.
    #[sea_orm(column_type = "Text", nullable)]
    pub error: Option<String>,
}

/// No relation is declared: the authenticator may be gone.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
