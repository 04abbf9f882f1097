//! The gateway in front of a scripted upstream; with a real NocoBase see `tests/browser/peer`.

mod audited_authenticators;
mod bodies;
mod channel_log;
mod channel_messages;
mod channels;
mod check;
#[cfg(feature = "standalone")]
mod commands;
#[cfg(feature = "standalone")]
mod compose;
mod costs;
#[cfg(feature = "standalone")]
mod department_messages;
mod detours;
#[cfg(feature = "standalone")]
pub mod directory;
#[cfg(feature = "standalone")]
mod directory_edges;
#[cfg(feature = "standalone")]
mod doctor;
mod draining;
mod failures;
mod forwarding;
mod forwarding_order;
#[cfg(feature = "standalone")]
mod forwarding_outage;
mod forwarding_time;
mod hanging;
mod headers;
#[cfg(feature = "standalone")]
mod killed_runs;
#[cfg(feature = "standalone")]
mod late_nocobase;
mod lookups;
mod many_clients;
mod many_messages;
mod migrating;
mod nodes;
mod operations;
mod order;
mod permissions;
mod product_actions;
mod questions;
mod readings;
mod renaming;
mod renewal;
mod replicas;
mod saving;
mod secrets;
mod sessions;
mod sign_out;
mod smuggling;
mod splice;
mod steps;
#[cfg(feature = "standalone")]
mod synchronize;
mod websocket;
