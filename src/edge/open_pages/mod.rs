//! The pages that are open, and the messages that they get over their `WebSockets`.

mod hub;
mod message;

pub use hub::{ConnectionSlot, Hub};
pub use message::{Notification, PageMessage, Status};
