//! The inside of DingTalk's client: it adds a bridge to pages, and issues codes to them.
//!
//! A browser becomes DingTalk's client by a user agent and a script that runs before the page's
//! scripts; `/_sandbox/webview/client` returns both. DingTalk's own `dingtalk-jsapi` then works
//! unchanged.

mod client;
mod faults;
mod native;

use actix_web::{HttpResponse, web::Data};

pub use client::client;
pub use faults::add_fault;
pub use native::call;

use crate::{oauth, state::platform::Platform};

/// The most people on the page.
const MOST_SHOWN: usize = 200;

const GUIDE: &str = include_str!("guide.html");

/// `GET /_sandbox/webview`: explains how to open a page in this client.
pub async fn guide(platform: Data<Platform>) -> HttpResponse {
    let state = platform.lock();
    let rows = state.directory.people().all().iter().take(MOST_SHOWN);
    let rows = rows.map(|person| {
        let (id, name) = (oauth::escape(&person.id), oauth::escape(&person.name));
        let situation = oauth::escape(&person.situation);
        format!("<tr><td><code>{id}</code><td>{name}<td>{situation}")
    });
    let people = rows.collect::<Vec<_>>().join("\n");
    let values = [("style", oauth::STYLE), ("people", people.as_str())];
    oauth::page(HttpResponse::Ok(), &oauth::fill(GUIDE, &values))
}
