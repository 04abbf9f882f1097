//! The sandbox over HTTP, as a client meets it.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on may say so loudly"
)]

mod authorization;
mod callbacks;
mod control;
mod directory;
mod embedded;
mod faults;
mod guide;
mod harness;
mod headless_sign_in;
mod messages;
mod new_family;
mod old_family;
mod people;
mod redirect_uris;
mod start;
mod stream;
mod tokens;
mod webview;
