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
mod authenticator_names;
mod authenticators;
mod backup;
mod beside;
mod bindings;
mod brute_force;
mod caches;
mod command_line;
mod concurrency;
mod contract;
mod counts;
mod cut_connections;
mod database_tls;
mod databases;
mod dingtalk_failures;
mod dingtalk_handshake;
mod dingtalk_options;
mod dingtalk_settings;
mod dingtalk_sign_in;
mod documents;
mod environment;
mod faults;
mod full_disk;
mod gateway;
mod glances;
mod hand_peer;
mod handshake_cookies;
mod http10;
mod in_app;
mod large_lists;
mod leaving;
mod limits;
mod looking;
mod lookups;
mod no_role;
mod one_account;
mod operator_hints;
mod own_bindings;
mod pages;
mod password_sign_in;
mod passwords;
mod pasted_options;
mod peer;
mod plans;
mod plugin_switch;
mod plugins;
mod profile;
mod program_log;
mod proxies;
mod public_path;
mod readers;
mod renewal;
mod requests;
mod second_provider;
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
