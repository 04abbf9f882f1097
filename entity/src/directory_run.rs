//! A run of a source, or a preview of one. Owned by us.

use sea_orm::entity::prelude::*;

use crate::stored_name::stored_by_name;

stored_by_name! {
    /// What a run is for.
    pub enum Kind {
        /// It changes what the plan says.
        Run,
        /// It says what a run would change.
        Preview,
    }
}

stored_by_name! {
    /// How far a run is, or how it ended.
    pub enum State {
        /// A process is at work on it.
        Running,
        /// It did what it planned.
        Succeeded,
        /// It did not come to its end, or some steps failed.
        Failed,
        /// Somebody ended it.
        Cancelled,
        /// It would have removed more than the safety limit lets.
        Stopped,
    }
}

/// A row of `dingtalk_directory_runs`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "dingtalk_directory_runs", rename_all = "camelCase")]
pub struct Model {
    /// Sequence number.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// The source.
    pub source_id: i64,
    /// What it is for.
    pub kind: Kind,
    /// How far it is, or how it ended.
    pub state: State,
    /// What it does: `departments`, `people`, `plan`, `apply`.
    pub phase: String,
    /// How much of the phase is done.
    pub done: i64,
    /// How much there is in the phase, where that is known.
    pub total: i64,
    /// How many people and departments it concerns.
    #[sea_orm(column_type = "Json")]
    pub counts: Json,
    /// What it takes away: whoever agrees to a run that the safety limit stopped says it.
    pub fingerprint: Option<String>,
    /// Why it failed, for people.
    #[sea_orm(column_type = "Text", nullable)]
    pub message: Option<String>,
    /// The account that asked for it; nobody when it began by itself.
    pub requested_by_id: Option<i64>,
    /// Whether somebody wants it to end.
    pub cancel_requested: bool,
    /// When it began.
    pub started_at: DateTimeUtc,
    /// When it last said how far it is.
    pub updated_at: DateTimeUtc,
    /// When it ended.
    pub finished_at: Option<DateTimeUtc>,
}

impl Model {
    /// Whether it only tells what would be done, and nothing of it was done.
    pub fn only_tells(&self) -> bool {
        self.kind == Kind::Preview || self.state == State::Stopped
    }
}

/// No relation is declared: the source may be gone.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
