//! What DingTalk tells as it happens: by encrypted callback.

mod body;
mod callback;
mod crypto;

pub use body::unanswered;
#[cfg(any(fuzzing, test))]
pub use body::{Header, event};
pub use callback::DingTalkCallbacks;
#[cfg(any(fuzzing, test))]
pub use crypto::CallbackKeys;
