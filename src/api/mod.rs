//! The HTTP edge: NocoBase's way of speaking, and one file of actions per resource.
//!
//! A request goes `dispatch` → `address` (which action) → `access` (who may) → the action
//! (parse, call the domain, shape) → `envelope` or `error`. Nothing here decides who gets in,
//! and nothing below here knows HTTP.

mod access;
pub mod address;
mod allowed_actions;
mod appends;
pub(crate) mod audit;
pub(crate) mod authority;
pub(crate) mod body;
pub(crate) mod call;
pub(crate) mod cookies;
pub(crate) mod cors;
pub mod dispatch;
pub(crate) mod envelope;
pub(crate) mod error;
pub(crate) mod foreign;
mod framing;
pub(crate) mod glance;
mod hints;
mod landing;
mod login_state;
pub mod openapi;
pub(crate) mod peer;
pub(crate) mod query;
mod rows;
pub(crate) mod seen;
mod sessions_ended;
mod shape;
mod text;
pub(crate) mod to_the_end;
pub mod websocket;

pub mod api_keys;
pub mod app;
pub mod auth;
pub mod authenticators;
pub mod dingtalk;
pub mod environment_variables;
pub mod external;
pub mod plugins;
pub mod roles;
pub mod shell;
pub mod system_settings;
pub mod tables;
pub mod token_policy;
pub mod users;
pub mod users_authenticators;

pub use access::Access;
pub use call::Call;
pub use envelope::Answers;
pub use error::ApiError;
pub use hints::Hints;
pub use sessions_ended::SessionsEnded;
