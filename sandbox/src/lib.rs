//! A fake DingTalk open platform: everything a sign-in needs, on one port.
//!
//! DingTalk states that it has no sandbox. This one answers the calls of a sign-in as the real
//! service does, with its two API families, its error bodies and its order of checks, for a seeded
//! organisation in which every person stands for a situation a client must handle. Where the real
//! behaviour is not known, the comment at that place says so.
//!
//! Map, from the outside in:
//!
//! - [`Settings`], [`Arguments`]: what can be set; [`GUIDE`]: how to begin; [`Sandbox`]: bind, run, stop; [`seed`]: who is there.
//! - `server`: the route table, and the middleware that records requests and injects faults.
//! - `oauth`: the login page and its redirects.
//! - `v1`: the new API family (`api.dingtalk.com/v1.0/…`), `oapi`: the old one (`oapi.dingtalk.com`).
//! - `webview`: what DingTalk's client adds to a page inside it.
//! - `control`: the API under `/_sandbox/` by which tests steer all of it; see `README.md`.
//! - `platform`: the state the above share: apps, people, codes, tokens, the clock.

mod app;
mod bad_day;
mod clock;
mod codes;
mod control;
mod endpoint;
mod faults;
mod guide;
mod oapi;
mod oauth;
mod person;
mod platform;
mod request_log;
pub mod seed;
mod server;
mod settings;
mod slow_body;
mod tokens;
mod v1;
mod webview;

pub use guide::GUIDE;
pub use person::{Department, Person, Personal, Standing};
pub use server::{Sandbox, SandboxError};
pub use settings::{Arguments, Settings};
