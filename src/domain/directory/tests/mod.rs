//! Tests of whole runs with a database and a simulated provider.

mod absent;
mod attempts;
mod belonging;
mod bindings;
mod breaks;
mod changes;
mod company;
mod departments;
mod events;
mod facts;
mod kills;
mod mailboxes;
mod memberships;
mod office;
mod quiet;
mod refusals;
mod reports;
mod returns;
mod stories;
mod trail;
pub(super) mod world;
