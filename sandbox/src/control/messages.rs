//! Lists the messages that people received, marks them as read, and sets the limits of sending.

use actix_web::{
    HttpResponse,
    http::header::LOCATION,
    web::{Data, Json, Path},
};

use crate::{
    control_error::ControlError,
    inbox,
    state::{messages::Limits, platform::Platform},
};

/// `GET /_sandbox/messages`: all messages, the oldest first.
pub async fn list(platform: Data<Platform>) -> HttpResponse {
    let state = platform.lock();
    HttpResponse::Ok().json(state.messages.all().collect::<Vec<_>>())
}

/// `PUT /_sandbox/messages`: sets the limits. Values that are left out get their defaults.
pub async fn limit(platform: Data<Platform>, limits: Json<Limits>) -> Json<Limits> {
    let limits = limits.into_inner();
    platform.lock().messages.limits = limits.clone();
    Json(limits)
}

/// `GET /_sandbox/inbox/{person}`: a page with a person's messages, the newest first.
pub async fn show(
    platform: Data<Platform>,
    id: Path<String>,
) -> Result<HttpResponse, ControlError> {
    let state = platform.lock();
    let unknown = || ControlError::NotFound(format!("person: {id}"));
    let person = state.person(&id).ok_or_else(unknown)?;
    Ok(inbox::page(&state, person))
}

/// `POST /_sandbox/inbox/{person}/{number}/read`: a button on that page, which leads back to the
/// page.
pub async fn read(
    platform: Data<Platform>,
    path: Path<(String, u64)>,
) -> Result<HttpResponse, ControlError> {
    let (person, number) = path.into_inner();
    let mut state = platform.lock();
    let now = state.clock.now();
    if !state.messages.read(number, now) {
        return Err(ControlError::NotFound(format!("message: {number}")));
    }
    Ok(HttpResponse::SeeOther()
        .insert_header((LOCATION, format!("/_sandbox/inbox/{person}")))
        .finish())
}
