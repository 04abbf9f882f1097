//! The rules: who gets in, for how long, and what they may do. There is no HTTP, no SQL and no wire
//! format here.

pub mod account;
#[cfg(feature = "standalone")]
pub mod api_key;
pub mod audit;
pub mod authenticator;
pub mod binding;
pub mod connection_checks;
mod derived_key;
pub mod directory;
pub mod environment;
pub mod events;
pub mod form_schema;
pub mod forwarding;
pub mod guess_limits;
pub mod identity;
pub mod identity_provider;
pub mod inspection;
pub mod install;
pub mod lease;
pub mod message;
pub mod messengers;
pub mod options_signature;
pub mod organization;
pub mod password;
#[cfg(feature = "standalone")]
pub mod password_change;
pub mod pending_sign_in;
pub mod plugin;
pub mod plugin_switch;
pub mod profile;
pub mod reachability;
pub mod reconciliation;
pub mod redirect;
pub mod role;
pub mod session;
pub mod sign_in;
pub mod sign_in_counts;
pub mod sign_in_rules;
#[cfg(feature = "standalone")]
pub mod sign_up;
#[cfg(feature = "standalone")]
pub mod system_settings;
#[cfg(test)]
mod test_installation;
#[cfg(test)]
mod test_provider;
pub mod token_policy;
mod username;
