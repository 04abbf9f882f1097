//! The gateway in front of a scripted upstream; with a real NocoBase see `tests/peer`.

mod bodies;
mod check;
mod draining;
mod failures;
mod headers;
mod migrating;
mod operations;
mod own_actions;
mod replicas;
mod sessions;
mod smuggling;
mod splice;
mod websocket;
