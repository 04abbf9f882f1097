//! `dingtalkPeople:*`: the bindings of people to accounts, for administrators.
//!
//! The snippet of the settings page is enough to see the list. Changing a binding also needs
//! permission to change accounts, because whoever binds an account decides who can sign in to it.

mod change;
mod list;
mod who;

pub(super) use change::{Bind, EndSessions, Unbind};
pub use change::{bind, end_sessions, unbind};
pub(super) use list::{AccountRow, PersonRow};
pub use list::{accounts, list};
