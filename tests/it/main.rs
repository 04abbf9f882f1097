//! Tests over HTTP: a real server with a real database, and the sandbox in DingTalk's place.
//!
//! Without the feature `standalone` there are those of the gateway.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "tests"
)]
#![cfg_attr(
    not(feature = "standalone"),
    expect(
        dead_code,
        unused_imports,
        reason = "what only tests of a server without a NocoBase need"
    )
)]

#[cfg(feature = "standalone")]
mod access_matrix;
#[cfg(feature = "standalone")]
mod any_input;
#[cfg(feature = "standalone")]
mod api_keys;
#[cfg(feature = "standalone")]
mod attacks;
#[cfg(feature = "standalone")]
mod audit;
#[cfg(feature = "standalone")]
mod authenticator_names;
#[cfg(feature = "standalone")]
mod authenticators;
#[cfg(feature = "standalone")]
mod backup;
#[cfg(feature = "standalone")]
mod bindings;
#[cfg(feature = "standalone")]
mod brute_force;
#[cfg(feature = "standalone")]
mod caches;
#[cfg(feature = "standalone")]
mod command_line;
#[cfg(feature = "standalone")]
mod concurrency;
#[cfg(feature = "standalone")]
mod contract;
#[cfg(feature = "standalone")]
mod counts;
#[cfg(feature = "standalone")]
mod cut_connections;
#[cfg(feature = "standalone")]
mod database_tls;
#[cfg(feature = "standalone")]
mod databases;
#[cfg(feature = "standalone")]
mod dingtalk_failures;
#[cfg(feature = "standalone")]
mod dingtalk_options;
#[cfg(feature = "standalone")]
mod dingtalk_settings;
#[cfg(feature = "standalone")]
mod dingtalk_sign_in;
#[cfg(feature = "standalone")]
mod directory;
#[cfg(feature = "standalone")]
mod directory_needs;
#[cfg(feature = "standalone")]
mod directory_reports;
mod documents;
#[cfg(feature = "standalone")]
mod environment;
#[cfg(feature = "standalone")]
mod events;
#[cfg(feature = "standalone")]
mod faults;
#[cfg(feature = "standalone")]
mod full_disk;
mod gateway;
#[cfg(feature = "standalone")]
mod http10;
mod import_circles;
#[cfg(feature = "standalone")]
mod in_app;
#[cfg(feature = "standalone")]
mod large_lists;
mod layers;
#[cfg(feature = "standalone")]
mod leaving;
#[cfg(feature = "standalone")]
mod limits;
mod logged_errors;
#[cfg(feature = "standalone")]
mod lookups;
#[cfg(feature = "standalone")]
mod lost_updates;
#[cfg(feature = "standalone")]
mod messages;
mod mysql_sign_in;
#[cfg(feature = "standalone")]
mod no_role;
#[cfg(feature = "standalone")]
mod one_account;
#[cfg(feature = "standalone")]
mod operator_hints;
#[cfg(feature = "standalone")]
mod pages;
#[cfg(feature = "standalone")]
mod password_sign_in;
#[cfg(feature = "standalone")]
mod passwords;
#[cfg(feature = "standalone")]
mod pasted_options;
#[cfg(feature = "standalone")]
mod peer;
#[cfg(feature = "standalone")]
mod pending_sign_in_cookies;
#[cfg(feature = "standalone")]
mod pending_sign_ins;
#[cfg(feature = "standalone")]
mod people;
#[cfg(feature = "standalone")]
mod plans;
#[cfg(feature = "standalone")]
mod plugin_switch;
#[cfg(feature = "standalone")]
mod plugins;
#[cfg(feature = "standalone")]
mod prefetches;
#[cfg(feature = "standalone")]
mod profile;
#[cfg(feature = "standalone")]
mod program_log;
#[cfg(feature = "standalone")]
mod proxies;
#[cfg(feature = "standalone")]
mod public_path;
#[cfg(feature = "standalone")]
mod read_only_commands;
#[cfg(feature = "standalone")]
mod renewal;
#[cfg(feature = "standalone")]
mod requests;
#[cfg(feature = "standalone")]
mod second_provider;
#[cfg(feature = "standalone")]
mod secrets;
#[cfg(feature = "standalone")]
mod self_service_bindings;
#[cfg(feature = "standalone")]
mod sessions;
#[cfg(feature = "standalone")]
mod settings_page;
#[cfg(feature = "standalone")]
mod shared_sqlite_file;
#[cfg(feature = "standalone")]
mod sign_in_page;
#[cfg(feature = "standalone")]
mod sign_out_everywhere;
#[cfg(feature = "standalone")]
mod sign_up;
#[cfg(feature = "standalone")]
mod sqlite_readers;
#[cfg(feature = "standalone")]
mod stale_sources;
#[cfg(feature = "standalone")]
mod steps_peer;
mod support;
#[cfg(feature = "standalone")]
mod system_settings;
#[cfg(feature = "standalone")]
mod tables;
#[cfg(feature = "standalone")]
mod test_messages;
#[cfg(feature = "standalone")]
mod unions;
#[cfg(feature = "standalone")]
mod users;
#[cfg(feature = "standalone")]
mod waiting_messages;
#[cfg(feature = "standalone")]
mod websocket;
