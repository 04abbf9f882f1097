//! Tests over HTTP: a real server with a real database, and the sandbox in DingTalk's place.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "tests"
)]

mod api_keys;
mod authenticators;
mod brute_force;
mod command_line;
mod concurrency;
mod contract;
mod databases;
mod dingtalk_failures;
mod dingtalk_handshake;
mod dingtalk_sign_in;
mod pages;
mod password_sign_in;
mod passwords;
mod peer;
mod plugin_switch;
mod plugins;
mod profile;
mod requests;
mod sessions;
mod sign_up;
mod support;
mod tables;
mod users;
mod websocket;
