//! The directory: people and departments of an organization, which are synchronised to this server.
//!
//! A source belongs to an authenticator and says what is copied ([`SourceOptions`]). A run reads
//! the organization ([`Department`], [`Member`]), computes a plan of what has to change, and lets a
//! [`StepExecutor`] apply it, one [`Step`] after the other. A [`Finding`] is something about the run that
//! an administrator should know. The tables of the directory record which accounts and departments
//! are managed; all others were made by people and are never changed.
//!
//! A [`StepExecutor`] only knows how to apply a step, not why or what comes next. There are two: one
//! changes the accounts of a standalone server, the other calls a NocoBase.

mod apply;
mod belonging;
mod bind;
mod changes;
mod event_intake;
mod facts;
mod finding;
mod findings;
mod local_departments;
mod managed_records;
mod members;
mod mirror;
mod options;
pub mod partial;
pub mod plan;
mod progress;
mod read;
mod recent_removals;
pub mod run;
mod run_list;
mod run_planner;
mod saved_sources;
mod schedule;
pub mod source;
mod step;
mod step_executor;
pub mod store_executor;
#[cfg(test)]
mod tests;

pub use super::organization::{
    Department, Directory, Key, Level, Member, MemberOf, MembersPage, Membership, MissedEvents,
    PersonLookup, Place, ReadError, Scope,
};
pub use bind::{account_of, bind, unbind};
pub use changes::{AVATAR, BETWEEN};
pub use event_intake::{Kept, ReceiveError, event_mode, hears, keep, keep_all};
pub use finding::{Finding, FindingKind, Severity};
pub use managed_records::{ManagedDepartment, ManagedPerson};
pub use options::{
    Column, EventMode, EventOptions, ExtraField, FieldRule, FieldRules, Leavers, Schedule,
    SourceOptions, SourceOptionsError, form,
};
use progress::{Phase, Progress};
pub use run_list::{Ended, RunList};
pub use saved_sources::{SaveSourceError, SourceEdit, disable_source, remove_source, save_source};
pub use step::{Binding, NewAccount, NewDepartment, Profile, Step};
pub use step_executor::{StepError, StepExecutor, StepExecutors, StepOutcome};
