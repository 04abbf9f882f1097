//! NocoBase's API, as an account of this server asks it: what the gateway does in NocoBase by itself, and
//! not for a client that has sent something.
//!
//! NocoBase keeps roles, departments and sessions in its memory, and hooks of its own keep its tables
//! right. So nothing that it owns is written by SQL: it is asked, with a token that is valid for minutes,
//! in the name of an account and with a role that the account has
//! ([decision 24](../../../docs/decisions/0024-nocobase-does-the-steps.md)).

mod accounts;
mod client;
mod departments;
mod error;
mod hand;
mod leaving;
mod role;
mod tasks;

pub use client::NocoBase;
pub use error::CallError;
pub use hand::{NocoBaseHand, NocoBaseHands};
