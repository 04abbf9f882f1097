//! What the settings page «DingTalk» shows: the state of each authenticator, and the audit trail.
//! The bound people are in `people`.

mod check;
mod csv;
mod export;
mod overview;
mod sign_ins;

pub(super) use check::CheckConnection;
pub use check::check_connection;
pub use export::export;
pub(super) use overview::Overview;
pub use overview::overview;
pub(super) use sign_ins::Row;
pub use sign_ins::list;
