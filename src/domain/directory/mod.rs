//! The directory: people and departments of an organization, which are synchronised to this server.
//!
//! A source belongs to an authenticator and says what is copied ([`SourceOptions`]). A run reads
//! the organization ([`Department`], [`Member`]), computes a plan of what has to change, and lets a
//! [`Hand`] apply it, one [`Step`] after the other. A [`Finding`] is something about the run that
//! an administrator should know. The tables of the directory record which accounts and departments
//! are managed; all others were made by people and are never changed.
//!
//! A [`Hand`] only knows how to apply a step, not why or what comes next. There are two: one
//! changes the accounts of a standalone server, the other calls a NocoBase.

mod apply;
mod belonging;
mod bind;
mod changes;
mod facts;
mod finding;
mod findings;
mod hand;
mod here;
mod incoming;
mod lately;
pub mod lease;
mod managed;
mod members;
mod mirror;
mod options;
pub mod own_hand;
pub mod partial;
pub mod plan;
mod planning;
mod progress;
mod read;
pub mod run;
mod run_list;
mod schedule;
pub mod source;
mod step;
#[cfg(test)]
mod tests;

pub use super::organization::{
    Department, Directory, Key, Level, Member, MemberOf, MembersPage, Membership, MissedEvents,
    PersonLookup, Place, ReadError, Scope,
};
pub use bind::{account_of, bind, unbind};
pub use finding::{Finding, FindingKind, Severity};
pub use hand::{Hand, Hands, Outcome, StepError};
pub use incoming::{Kept, ReceiveError, event_mode, hears, keep, keep_all};
pub use managed::{ManagedDepartment, ManagedPerson};
pub use options::{
    Column, EventMode, EventOptions, ExtraField, FieldRule, FieldRules, Leavers, Schedule,
    SourceOptions, SourceOptionsError, form,
};
use progress::{Phase, Progress};
pub use run_list::{Ended, RunList};
pub use step::{Binding, NewAccount, NewDepartment, Profile, Step};
