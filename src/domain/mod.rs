//! The rules: who gets in, for how long, and what they may do. No HTTP, no SQL, no wire formats.

pub mod authenticator;
pub mod handshake;
pub mod identity;
pub mod install;
pub mod phone;
pub mod plugin;
pub mod redirect;
pub mod role;
pub mod session;
pub mod sign_in;
pub mod token_policy;
