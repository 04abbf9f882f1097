//! What the settings page «DingTalk» shows: the state of each authenticator, and the audit trail.
//! The bound people are in `people`.

mod audit_rows;
mod check;
mod csv;
mod export;
mod overview;
mod problems;

pub(super) use audit_rows::Row;
pub use audit_rows::list_audit;
pub(super) use check::CheckConnection;
pub use check::check_connection;
pub use export::export;
pub(super) use overview::Overview;
pub use overview::overview;
