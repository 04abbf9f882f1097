//! An event that a provider has sent. Owned by us.

use sea_orm::entity::prelude::*;

use crate::stored_name::stored_by_name;

stored_by_name! {
    /// Whether an event was processed.
    pub enum State {
        /// It waits to be processed.
        Queued,
        /// It was processed.
        Done,
        /// It concerns nothing in the directory, or the provider does not confirm it.
        Ignored,
        /// It was tried for a day without success.
        Failed,
    }
}

stored_by_name! {
    /// What an event concerns.
    pub enum Subject {
        /// People who were hired or changed.
        People,
        /// People who have left.
        Leavers,
        /// Departments.
        Departments,
        /// The whole organization.
        Everything,
    }
}

stored_by_name! {
    /// How an event was received.
    pub enum Transport {
        /// By an HTTP callback, or by asking for callbacks that were missed.
        Callback,
        /// Over the Stream.
        Stream,
    }
}

/// A row of `dingtalk_events`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "dingtalk_events", rename_all = "camelCase")]
pub struct Model {
    /// Sequence number, in the order in which they came.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// Id of the authenticator whose provider sent it.
    pub authenticator_id: i64,
    /// The provider's id of the event, which is the same in each repetition and unique for each authenticator.
    pub event_id: String,
    /// The provider's name for the type of event.
    pub kind: String,
    /// How it was received.
    pub transport: Transport,
    /// What it concerns.
    #[sea_orm(column_name = "concerns")]
    pub subject: Subject,
    /// The provider's identifiers of the people or departments, as a list.
    #[sea_orm(column_type = "Json")]
    pub subjects: Json,
    /// When it happened, as the provider says.
    pub born_at: Option<DateTimeUtc>,
    /// When it was received.
    pub received_at: DateTimeUtc,
    /// Whether it was processed.
    pub state: State,
    /// How often it was tried.
    pub attempts: i64,
    /// When it may be tried next.
    pub due_at: DateTimeUtc,
    /// When it was finished.
    pub settled_at: Option<DateTimeUtc>,
    /// Why it failed last, or was ignored.
    #[sea_orm(column_type = "Text", nullable)]
    pub error: Option<String>,
}

/// No relation is declared: the authenticator may be gone.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
