//! Actions that only DingTalk has. What all providers have is in `provider_actions`.

mod callback;
mod in_app_failed;

pub use callback::callback;
pub(super) use in_app_failed::Report;
pub use in_app_failed::in_app_failed;
