//! Events of DingTalk, which arrive over a connection that this server opens («Stream») or as encrypted callbacks.

mod body;
mod callback;
mod crypto;
mod frame;
mod stream;
mod stream_address;

pub use body::unanswered;
#[cfg(any(fuzzing, test))]
pub use body::{Header, event};
pub use callback::DingTalkCallbacks;
#[cfg(any(fuzzing, test))]
pub use crypto::CallbackKeys;
#[cfg(any(fuzzing, test))]
pub use frame::Frame;
pub use stream::{check, connect};
