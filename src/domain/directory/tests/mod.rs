//! Tests of whole runs with a database and a simulated provider.

mod absent;
mod belonging;
mod bindings;
mod breaks;
mod company;
mod departments;
mod events;
mod facts;
mod kills;
mod mailboxes;
mod quiet;
mod refusals;
mod reports;
mod returns;
mod stories;
mod trail;
pub(super) mod world;
