//! The directory: people and departments of an organisation, kept up to date here.
//!
//! A source belongs to an authenticator and says what is copied ([`SourceOptions`]). A run reads the
//! organisation ([`Department`], [`Member`]), works out what has to change, and has a [`Hand`] do it,
//! [`Step`] by step. What a person should know about it is a [`Finding`]. What is managed is remembered
//! in tables of ours; whatever is not remembered there was made by people, and is never touched.
//!
//! A [`Hand`] knows how to do a step and nothing else: not why, and not what comes next. There are two:
//! one for accounts of our own, and one that asks a NocoBase to do it.

mod apply;
mod bind;
mod changes;
mod facts;
mod finding;
mod hand;
mod here;
mod incoming;
pub mod lease;
mod managed;
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

pub use super::organisation::{
    Department, Directory, Key, Level, Member, MemberOf, MembersPage, Membership, MissedEvents,
    PersonLookup, Place, ReadError, Scope,
};
pub use bind::{account_of, bind, unbind};
pub use finding::{Finding, FindingKind, Severity};
pub use hand::{Hand, Hands, Outcome, StepError};
pub use incoming::{Kept, ReceiveError, hears, keep};
pub use managed::{ManagedDepartment, ManagedPerson};
pub use options::{
    Column, EventMode, EventOptions, ExtraField, FieldRule, FieldRules, Leavers, Schedule,
    SourceOptions, SourceOptionsError, form,
};
use progress::{Phase, Progress};
pub use run_list::{Ended, RunList};
pub use step::{Binding, NewAccount, NewDepartment, Profile, Step};
