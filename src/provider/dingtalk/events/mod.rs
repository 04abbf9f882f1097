//! What DingTalk tells as it happens: by encrypted callback.

mod body;
mod callback;
mod crypto;

pub use callback::DingTalkCallbacks;
