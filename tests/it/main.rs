//! Tests over HTTP: a real server with a real database, and the sandbox in DingTalk's place.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "tests"
)]

mod access_matrix;
mod any_input;
mod api_keys;
mod attacks;
mod audit;
mod authenticators;
mod bindings;
mod brute_force;
mod caches;
mod command_line;
mod concurrency;
mod contract;
mod databases;
mod dingtalk_failures;
mod dingtalk_handshake;
mod dingtalk_options;
mod dingtalk_settings;
mod dingtalk_sign_in;
mod environment;
mod faults;
mod gateway;
mod in_app;
mod limits;
mod own_bindings;
mod pages;
mod password_sign_in;
mod passwords;
mod peer;
mod plugin_switch;
mod plugins;
mod profile;
mod proxies;
mod requests;
mod secrets;
mod sessions;
mod sign_out_everywhere;
mod sign_up;
mod support;
mod system_settings;
mod tables;
mod unions;
mod users;
mod websocket;
