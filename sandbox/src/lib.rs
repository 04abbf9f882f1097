//! A fake DingTalk open platform: what a sign-in, a directory and messages need, on one port.
//!
//! DingTalk states that it has no sandbox. This one answers the calls of a sign-in and of
//! a directory as the real service does, with its two API families, its error bodies and its order of checks, for a seeded
//! organisation in which every person stands for a situation a client must handle. Where the real
//! behaviour is not known, the comment at that place says so.
//!
//! Map, from the outside in:
//!
//! - [`Settings`], [`Arguments`]: what can be set; [`GUIDE`]: how to begin; [`Sandbox`]: bind, run, stop; [`seed`]: who is there.
//! - `server`: the route table, and the middleware: `recording` counts requests, `fault_answers` lets calls fail.
//! - `oauth`: the login page and its redirects.
//! - `v1`: the new API family (`api.dingtalk.com/v1.0/…`), `oapi`: the old one (`oapi.dingtalk.com`).
//! - `delivery`: brings events to apps, through the Stream, whose far end is `gateway`, or by callback.
//! - `inbox`: the page that shows somebody's messages.
//! - `webview`: what DingTalk's client adds to a page inside it.
//! - `control`: the API under `/_sandbox/` by which tests steer all of it; see `README.md`.
//! - `platform`: the state the above share: `directory` with departments and people, `app`, `codes`, `tokens`, `faults`,
//!   `events`, `stream`, `messages`, `clock`. State knows nothing of the handlers above it.

mod app;
mod bad_day;
pub mod callback_crypto;
mod chance;
mod clock;
mod codes;
mod control;
mod control_error;
mod delivery;
mod directory;
mod endpoint;
mod event;
mod events;
mod fault;
mod fault_answers;
mod faults;
mod gateway;
mod guide;
mod inbox;
mod messages;
mod oapi;
mod oauth;
mod paging;
mod person;
mod platform;
mod recording;
mod redirect_uri;
mod request_log;
pub mod seed;
mod server;
mod settings;
mod slow_body;
mod stream;
mod subscription;
mod tokens;
mod v1;
mod webview;
mod webview_faults;

pub use directory::{Company, NewDepartment};
pub use guide::GUIDE;
pub use person::{Membership, Person, Personal, Standing};
pub use server::{Sandbox, SandboxError};
pub use settings::{Arguments, Settings};
