//! A message to one person, and what became of it. Owned by us.
//!
//! What the message says is not kept: its title alone, for whoever looks for it.

use sea_orm::entity::prelude::*;

use crate::stored_name::stored_by_name;

stored_by_name! {
    /// What became of a message to one person.
    pub enum State {
        /// It waits, and a process may have taken it upon itself to send it.
        Claimed,
        /// A call is under way.
        Sending,
        /// The provider has taken it.
        Sent,
        /// The provider says that it has arrived.
        Delivered,
        /// It may have arrived, or not: the call was cut off.
        Unknown,
        /// It was not sent, or did not arrive.
        Failed,
        /// The person has left, or is nobody that the provider knows.
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
    /// When it was to be sent.
    pub created_at: DateTimeUtc,
    /// When something about it was last heard.
    pub updated_at: DateTimeUtc,
    /// The same for all receivers of one message.
    pub send_id: String,
    /// The account.
    pub user_id: i64,
    /// Name of the authenticator.
    pub authenticator: String,
    /// `workNotification` or `robot`.
    pub way: String,
    /// The beginning of its title.
    pub title: String,
    /// A digest of what it says.
    pub digest: String,
    /// Who the account is at the provider.
    pub receiver: Option<String>,
    /// What became of it.
    pub state: State,
    /// Why it did not arrive, or waits, by a code.
    pub reason: Option<String>,
    /// By what the provider is asked for the outcome.
    pub task: Option<String>,
    /// When it is looked at again, in milliseconds since the epoch; nothing when all is known.
    pub due_ms: Option<i64>,
    /// The account that sent it.
    pub requested_by_id: Option<i64>,
}

/// No relation is declared: the account may be gone.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
