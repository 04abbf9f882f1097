//! Actions that are ours, and that a gateway and a server without a NocoBase serve alike: a file or
//! folder a resource, and `routes` as their table.

pub mod auth;
pub mod authenticators;
pub mod dingtalk;
pub mod dingtalk_page;
pub mod directory;
pub mod external;
pub mod openapi;
pub mod people;
pub mod plugins;
mod routes;

pub use routes::add_routes;
