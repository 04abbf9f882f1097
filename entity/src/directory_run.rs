//! A run of a source, or a preview of one. Owned by us.

use sea_orm::entity::prelude::*;

use crate::stored_name::stored_by_name;

stored_by_name! {
    /// Whether a run makes changes.
    pub enum Kind {
        /// It makes the changes of its plan.
        Run,
        /// It is a preview, which only lists what a run would change.
        Preview,
    }
}

stored_by_name! {
    /// Whether a run is in progress, or how it ended.
    pub enum State {
        /// A process is working on it.
        Running,
        /// It has made the changes of its plan.
        Succeeded,
        /// It was interrupted, or some steps failed.
        Failed,
        /// Somebody cancelled it.
        Cancelled,
        /// It would have removed more than the safety limit allows.
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
    /// Whether it makes changes.
    pub kind: Kind,
    /// Whether it is in progress, or how it ended.
    pub state: State,
    /// Its phase: `departments`, `people`, `plan` or `apply`.
    pub phase: String,
    /// How much of the phase is done.
    pub done: i64,
    /// How much there is to do in the phase, if that is known.
    pub total: i64,
    /// The numbers of people and departments by what was or would be done for them.
    #[sea_orm(column_type = "Json")]
    pub counts: Json,
    /// The fingerprint of what it would remove beyond the safety limit. Whoever confirms the removal sends it.
    pub fingerprint: Option<String>,
    /// Why it failed, for people.
    #[sea_orm(column_type = "Text", nullable)]
    pub message: Option<String>,
    /// The account that asked for it; none when it began by itself.
    pub requested_by_id: Option<i64>,
    /// Whether somebody has cancelled it.
    pub cancel_requested: bool,
    /// When it began.
    pub started_at: DateTimeUtc,
    /// When it last recorded its progress.
    pub updated_at: DateTimeUtc,
    /// When it ended.
    pub finished_at: Option<DateTimeUtc>,
}

impl Model {
    /// Whether its findings are only intentions, because none of them was carried out.
    pub fn only_tells(&self) -> bool {
        self.kind == Kind::Preview || self.state == State::Stopped
    }
}

/// No relation is declared: the source may be gone.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
