//! The gateway in front of a scripted upstream; with a real NocoBase see `tests/peer`.

mod bodies;
mod failures;
mod headers;
mod own_actions;
mod sessions;
mod smuggling;
mod splice;
mod websocket;
