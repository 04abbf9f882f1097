//! A client of NocoBase's API for what the gateway does on its own account rather than for a
//! client's request.
//!
//! NocoBase keeps roles, departments and sessions in its memory, and hooks keep its tables
//! consistent. So the gateway never writes NocoBase's tables with SQL. It calls the API with a
//! token that is valid for minutes, as an account and with a role of that account ([decision
//! 24](../../../docs/decisions/0024-nocobase-does-the-steps.md)).

mod accounts;
mod authenticator_names;
mod client;
mod departments;
mod error;
mod leaving;
mod notification_writer;
mod role;
mod step_executor;
mod tasks;
#[cfg(test)]
mod tests;

pub use authenticator_names::{rename_in_channels, rename_in_sources};
pub use client::NocoBase;
pub use error::CallError;
pub use notification_writer::NocoBaseNotificationWriter;
pub use step_executor::{NocoBaseExecutor, NocoBaseExecutors};
