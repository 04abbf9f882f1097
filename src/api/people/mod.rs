//! `dingtalkPeople:*` — who is bound to which account, as administrators keep it.
//!
//! The snippet of the settings page opens the list. Who changes something must be allowed to change
//! accounts, too: whoever binds an account decides who signs in to it.

mod change;
mod list;
mod who;

pub(super) use change::{Bind, EndSessions, Unbind};
pub use change::{bind, end_sessions, unbind};
pub(super) use list::{AccountRow, PersonRow};
pub use list::{accounts, list};
