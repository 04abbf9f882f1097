//! The pages that are open, and what they are told over their `WebSocket`s.

mod hub;
mod message;

pub use hub::{ConnectionSlot, Hub};
pub use message::{Notification, PageMessage, Status};
