//! A simulation of DingTalk's open platform on one port: everything that sign-in, a directory,
//! events and messages need.
//!
//! DingTalk states that it has no sandbox. This one answers calls as the real service does, with
//! its two API families, its error bodies and its order of checks. It has a seeded organization in
//! which every person stands for a situation that a client must handle. Where the real behaviour is
//! not known, the comment at that place says so.
//!
//! The modules, from the outside in:
//!
//! - [`Settings`], [`Arguments`]: what can be set; [`GUIDE`]: how to begin; [`Sandbox`]: bind, run, stop; [`seed`]: who is there.
//! - `server`: the route table, and the middleware: `recording` counts requests, `fault_answers` lets calls fail.
//! - `oauth`: the login page and its redirects.
//! - `v1`: the new API family (`api.dingtalk.com/v1.0/…`), `oapi`: the old one (`oapi.dingtalk.com`).
//! - `delivery`: brings events to apps, through the Stream, whose far end is `stream_connection`, or by callback.
//! - `inbox`: the page that shows somebody's messages.
//! - `webview`: what DingTalk's client adds to a page inside it.
//! - `control`: the API under `/_sandbox/` by which tests steer all of it; see `README.md`.
//! - `state`: what the above share, which knows none of them: `platform` holds all of it behind one lock, `directory` the
//!   departments and people, `app` what an administrator set, then `codes`, `tokens`, `faults`, `events`, `stream`,
//!   `messages` and the `clock`. It speaks no HTTP.

pub mod callback_crypto;
mod control;
mod control_error;
mod delivery;
mod fault_answers;
mod guide;
mod inbox;
mod oapi;
mod oauth;
mod paging;
mod recording;
mod server;
mod slow_body;
mod state;
mod stream_connection;
mod v1;
mod webview;

pub use guide::GUIDE;
pub use server::{Sandbox, SandboxError};
pub use state::{
    directory::{Company, NewDepartment},
    person::{Membership, Person, Personal, Standing},
    seed,
    settings::{Arguments, Settings},
};
