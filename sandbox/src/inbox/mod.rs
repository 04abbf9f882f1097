//! A page that shows a person's messages as cards, much as DingTalk's client does.

mod card;
mod link;
mod markdown;

use actix_web::HttpResponse;

use crate::{
    oauth,
    state::{person::Person, platform::State},
};

const PAGE: &str = include_str!("page.html");
const MESSAGE: &str = include_str!("message.html");

/// The most messages on the page.
const MOST_SHOWN: usize = 100;

/// The page, with the newest message first. Recalled messages are not shown.
pub fn page(state: &State, person: &Person) -> HttpResponse {
    let own = state.messages.all().rev().filter(|message| {
        message.corp_id == person.corp_id && message.userid == person.userid && !message.recalled
    });
    let cards: Vec<_> = own
        .take(MOST_SHOWN)
        .map(|message| {
            let app = state.apps.get(&message.client_id);
            let app = app.map_or(message.client_id.as_str(), |app| &app.name);
            let time = chrono::DateTime::from_timestamp(message.sent_at, 0).unwrap_or_default();
            let read = match message.read_at {
                Some(_) => "<span class=\"badge\">read</span>".to_owned(),
                None => format!(
                    "<form method=\"post\" action=\"/_sandbox/inbox/{}/{}/read\"><button>Mark as read</button></form>",
                    oauth::escape(&person.id),
                    message.number
                ),
            };
            let values = [
                ("app", oauth::escape(app)),
                ("time", time.format("%Y-%m-%d %H:%M:%S UTC").to_string()),
                ("card", card::card(&message.content)),
                ("read", read),
            ];
            let values = values.each_ref().map(|(name, value)| (*name, value.as_str()));
            oauth::fill(MESSAGE, &values)
        })
        .collect();
    let messages = if cards.is_empty() {
        "<p>No messages yet.</p>".to_owned()
    } else {
        cards.join("\n")
    };
    let values = [
        ("style", oauth::STYLE),
        ("name", &oauth::escape(&person.name)),
        ("messages", &messages),
    ];
    oauth::page(HttpResponse::Ok(), &oauth::fill(PAGE, &values))
}
