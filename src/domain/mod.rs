//! The rules: who gets in, for how long, and what they may do. No HTTP, no SQL, no wire formats.

pub mod account;
pub mod api_key;
pub mod attempts;
pub mod audit;
pub mod authenticator;
pub mod binding;
pub mod environment;
pub mod handshake;
pub mod identity;
pub mod install;
pub mod own_binding;
pub mod password_change;
pub mod password_reset;
pub mod phone;
pub mod plugin;
pub mod profile;
pub mod redirect;
pub mod role;
pub mod session;
pub mod sign_in;
pub mod sign_up;
pub mod system_settings;
pub mod token_policy;
mod username;
