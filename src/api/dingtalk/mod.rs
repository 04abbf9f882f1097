//! Actions that only DingTalk has. What it shares with other providers is in `external`.

mod in_app_failed;

pub(super) use in_app_failed::Report;
pub use in_app_failed::in_app_failed;
