//! The pages that a browser shows.

use actix_web::{
    HttpResponse, HttpResponseBuilder,
    http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, ContentType, REFERRER_POLICY},
};

use super::authorization::Authorization;
use crate::state::{person::Person, platform::State};

/// The stylesheet of all pages.
pub const STYLE: &str = include_str!("style.css");
const LOGIN: &str = include_str!("login.html");
const PERSON: &str = include_str!("person.html");
const ERROR: &str = include_str!("error.html");

/// The most people on a page. In a larger company, the others can sign in by the control API.
const MOST_SHOWN: usize = 200;

/// The pages have no scripts and load nothing from elsewhere. `form-action` is not restricted,
/// because browsers also apply it to the redirect after the form, which leads to the app.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; frame-ancestors 'none'";

/// The login page.
pub fn login(state: &State, authorization: &Authorization) -> HttpResponse {
    let app = state.apps.get(&authorization.client_id);
    let (app_name, corp_id) = app.map_or(("", ""), |app| (&app.name, &app.corp_id));
    let people: String = state
        .directory
        .people()
        .all()
        .iter()
        .take(MOST_SHOWN)
        .filter(|person| authorization.admits(person))
        .map(|person| person_button(state, person, corp_id))
        .collect();
    let access = if authorization.with_organization {
        "your profile and your organization"
    } else {
        "your profile"
    };
    page(
        HttpResponse::Ok(),
        &fill(
            LOGIN,
            &[
                ("style", STYLE),
                ("app", &escape(app_name)),
                (
                    "organization",
                    &escape(state.directory.organization_name(corp_id)),
                ),
                ("access", access),
                ("people", &people),
            ],
        ),
    )
}

/// The page for a request that cannot be answered with a redirect.
pub fn error(message: &str) -> HttpResponse {
    page(
        HttpResponse::BadRequest(),
        &fill(ERROR, &[("style", STYLE), ("message", &escape(message))]),
    )
}

/// Creates a page with the headers that all pages have.
pub fn page(mut response: HttpResponseBuilder, html: &str) -> HttpResponse {
    response
        .content_type(ContentType::html())
        .insert_header((CONTENT_SECURITY_POLICY, POLICY))
        .insert_header((REFERRER_POLICY, "no-referrer"))
        .insert_header((CACHE_CONTROL, "no-store"))
        .body(html.to_owned())
}

fn person_button(state: &State, person: &Person, corp_id: &str) -> String {
    let departments = state.directory.names_of(person);
    // The app's own organization is already named above the list.
    let other_organization =
        (person.corp_id != corp_id).then(|| state.directory.organization_name(&person.corp_id));
    let position: Vec<_> = person
        .title
        .as_deref()
        .into_iter()
        .chain(departments)
        .chain(other_organization)
        .collect();
    let badges: Vec<_> = person
        .badges(corp_id)
        .into_iter()
        .map(|badge| format!("<span class=\"badge\">{badge}</span>"))
        .collect();
    fill(
        PERSON,
        &[
            ("id", &escape(&person.id)),
            ("initial", &escape(&initial(&person.name))),
            ("name", &escape(&person.name)),
            ("position", &escape(&position.join(" · "))),
            ("situation", &escape(&person.situation)),
            ("badges", &badges.join(" ")),
        ],
    )
}

fn initial(name: &str) -> String {
    name.chars().take(1).collect()
}

/// Replaces the `{{name}}` placeholders of a template in one pass, so that a value which contains a
/// placeholder stays as it is.
pub fn fill(template: &str, values: &[(&str, &str)]) -> String {
    let mut pieces = template.split("{{");
    let mut filled = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let (name, rest) = piece.split_once("}}").unwrap_or(("", piece));
        let value = values.iter().find(|(place, _)| *place == name);
        filled.push_str(value.map_or("", |(_, value)| value));
        filled.push_str(rest);
    }
    filled
}

/// Escapes a text for use between tags and in quoted attributes.
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}
