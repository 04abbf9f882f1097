//! Actions that are ours, and that a gateway and a server without a NocoBase serve alike: a file or
//! folder a resource, and `routes` as their table.

pub mod audit;
pub mod auth;
pub mod authenticators;
pub mod dingtalk;
pub mod directory;
pub mod external;
pub mod openapi;
pub mod plugins;
mod routes;

pub use routes::add_routes;
