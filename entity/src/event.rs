//! Something that a provider told as it happened. Owned by us.

use sea_orm::entity::prelude::*;

use crate::stored_name::stored_by_name;

stored_by_name! {
    /// What became of an event.
    pub enum State {
        /// It is to be worked off.
        Queued,
        /// It was worked off.
        Done,
        /// It is about nothing that the directory holds, or the provider does not confirm it.
        Ignored,
        /// It was tried for a day in vain.
        Failed,
    }
}

stored_by_name! {
    /// What an event is about.
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
    /// Id of the authenticator whose provider told it.
    pub authenticator_id: i64,
    /// Which event it is: the same in each repetition, and there once for each authenticator.
    pub event_id: String,
    /// The provider's name of what happened.
    pub kind: String,
    /// How it was received.
    pub transport: Transport,
    /// What it is about.
    #[sea_orm(column_name = "concerns")]
    pub subject: Subject,
    /// The provider's identifiers of the people or departments, as a list.
    #[sea_orm(column_type = "Json")]
    pub subjects: Json,
    /// When it happened, as the provider says.
    pub born_at: Option<DateTimeUtc>,
    /// When it was received.
    pub received_at: DateTimeUtc,
    /// What became of it.
    pub state: State,
    /// How often it was tried.
    pub attempts: i64,
    /// When it may be tried.
    pub due_at: DateTimeUtc,
    /// When it came to its end.
    pub settled_at: Option<DateTimeUtc>,
    /// Why it failed last, or was ignored.
    #[sea_orm(column_type = "Text", nullable)]
    pub error: Option<String>,
}

/// No relation is declared: the authenticator may be gone.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
