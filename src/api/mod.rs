//! Actions of this product that the gateway and the standalone server both serve. There is a file
//! or folder for each resource; `routes` is their table.

pub mod auth;
pub mod authenticators;
pub mod dingtalk;
pub mod directory;
pub mod messages;
pub mod openapi;
pub mod people;
pub mod plugins;
pub mod provider_actions;
mod routes;
pub mod settings_page;

pub use routes::add_routes;
