//! The pages that are open, and what they are told over their `WebSocket`s.

mod frame;
mod hub;

pub use frame::{Frame, Notification, Status};
pub use hub::{Hub, Seat};
