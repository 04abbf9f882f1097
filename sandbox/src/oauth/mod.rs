//! Signing in: the login page and the redirects back to the app.

mod authorization;
pub mod login_frame;
mod page;
mod sign_in;

use actix_web::{
    HttpRequest, HttpResponse,
    http::header,
    web::{Data, Form},
};
use serde::Deserialize;

pub use page::{STYLE, escape, fill, page};
pub use sign_in::{Choice, SignInError, Wish, complete};

use self::authorization::Authorization;
use crate::state::platform::Platform;

/// The form of the login page, which is sent with one of two buttons.
#[derive(Deserialize)]
pub struct Pressed {
    person: Option<String>,
    deny: Option<String>,
}

/// `GET /oauth2/auth`: the login page. A wrong request gets an error page and never a redirect.
pub async fn show(platform: Data<Platform>, request: HttpRequest) -> HttpResponse {
    let state = platform.lock();
    match Authorization::parse(&state, request.query_string()) {
        Ok(authorization) => page::login(&state, &authorization),
        Err(error) => page::error(&error.to_string()),
    }
}

/// `POST /oauth2/auth`: a button was pressed. The query still holds the request.
pub async fn choose(
    platform: Data<Platform>,
    request: HttpRequest,
    pressed: Form<Pressed>,
) -> HttpResponse {
    let choice = match (&pressed.person, &pressed.deny) {
        (Some(person), None) => Choice::Person(person.clone()),
        (None, Some(_)) => Choice::Error("access_denied".to_owned()),
        _ => return page::error("The form must say either who signs in or that nobody does."),
    };
    let mut state = platform.lock();
    match complete(&mut state, request.query_string(), &Wish::new(choice)) {
        Ok(location) => HttpResponse::Found()
            .insert_header((header::LOCATION, location.as_str()))
            .insert_header((header::CACHE_CONTROL, "no-store"))
            .finish(),
        Err(error) => page::error(&error.to_string()),
    }
}
