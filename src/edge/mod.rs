//! How NocoBase's API is spoken over HTTP: the tools that `api`, `gateway` and `standalone` share.
//!
//! A request passes `dispatch` → `address` (which action) → `access` (who may call it) → the action
//! (parse, call the domain, shape) → `envelope` or `error`. Nothing here decides who gets in,
//! nothing below here knows HTTP, and nothing here knows a single action, except for the refusals in
//! `error`.

pub mod access;
pub mod address;
pub mod allowed_actions;
pub mod appends;
pub mod audit;
pub mod authority;
pub mod body;
pub mod browser_half;
pub mod call;
pub mod cookies;
pub mod cors;
pub mod cross_origin;
pub mod dispatch;
mod ended_sessions;
pub mod envelope;
pub mod error;
pub mod head;
mod http10;
pub mod open_pages;
pub mod peer;
pub mod prefetch;
pub mod public_path;
pub mod query;
pub mod request_id;
pub mod request_log;
pub mod routes;
pub mod rows;
pub mod run_to_completion;
pub mod shape;
pub mod text;

pub use access::Access;
pub use call::Call;
pub use ended_sessions::EndedSessions;
pub use error::ApiError;
pub use routes::Routes;
