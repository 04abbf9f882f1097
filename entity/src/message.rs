//! A message to one person, and what became of it. Owned by us.
//!
//! The row has only the beginning of the title. The content is in `dingtalk_waiting_sends` as long as the message waits.

use sea_orm::entity::prelude::*;

use crate::stored_name::stored_by_name;

stored_by_name! {
    /// Whether a message to one person waits or was sent, and what became of it.
    pub enum State {
        /// It waits, or a process is about to send it.
        Claimed,
        /// A call is under way.
        Sending,
        /// The provider has accepted it.
        Sent,
        /// The provider says that it has arrived.
        Delivered,
        /// It may or may not have arrived, because the call was cut off.
        Unknown,
        /// It was not sent, or did not arrive.
        Failed,
        /// The person has left, or the provider does not know them.
        Left,
        /// The account is bound to nobody at the provider.
        NotBound,
    }
}

impl State {
    /// Whether the message may still be sent.
    pub fn waits(self) -> bool {
        matches!(self, Self::Claimed | Self::Sending)
    }
}

/// A row of `dingtalk_messages`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "dingtalk_messages", rename_all = "camelCase")]
pub struct Model {
    /// Sequence number.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// When somebody asked for it to be sent.
    pub created_at: DateTimeUtc,
    /// When its state last changed.
    pub updated_at: DateTimeUtc,
    /// The id that the rows of one message share.
    pub send_id: String,
    /// The account.
    pub user_id: i64,
    /// Name of the authenticator.
    pub authenticator: String,
    /// `workNotification` or `robot`.
    pub way: String,
    /// The beginning of its title.
    pub title: String,
    /// A digest of the content.
    pub digest: String,
    /// The identifier of the person at the provider.
    pub receiver: Option<String>,
    /// Whether it waits or was sent, and what became of it.
    pub state: State,
    /// Why it did not arrive or waits, as a code.
    pub reason: Option<String>,
    /// The provider's number of the task, by which it is asked for the outcome.
    pub task: Option<String>,
    /// When a worker looks at it again, in milliseconds since the epoch; none when nothing more is to be done.
    pub due_ms: Option<i64>,
    /// The account that sent it.
    pub requested_by_id: Option<i64>,
}

/// No relation is declared: the account may be gone.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
