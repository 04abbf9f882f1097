//! The state that calls read and change. It does not know HTTP or the modules that answer calls.

pub mod app;
pub mod bad_day;
pub mod chance;
pub mod clock;
pub mod codes;
pub mod directory;
pub mod endpoint;
pub mod event;
pub mod events;
pub mod fault;
pub mod faults;
pub mod messages;
pub mod person;
pub mod platform;
pub mod redirect_uri;
pub mod request_log;
pub mod seed;
pub mod settings;
pub mod stream;
pub mod subscription;
pub mod tokens;
pub mod webview_faults;
