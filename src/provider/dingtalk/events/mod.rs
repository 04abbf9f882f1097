//! Events of DingTalk, which arrive over a connection that this server opens («Stream») or as encrypted callbacks.

mod body;
mod callback;
mod crypto;
mod stream;
mod stream_address;
mod stream_frame;

pub use body::unanswered;
#[cfg(any(fuzzing, test))]
pub use body::{Header, event};
pub use callback::DingTalkCallbacks;
#[cfg(any(fuzzing, test))]
pub use crypto::CallbackKeys;
pub use stream::{check, connect};
#[cfg(any(fuzzing, test))]
pub use stream_frame::Frame;
