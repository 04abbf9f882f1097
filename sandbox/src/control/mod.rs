//! The control API under `/_sandbox/`, with which tests control the sandbox. `README.md` describes
//! every call.
//!
//! It imitates nothing of DingTalk. Bodies must be declared as JSON, unknown fields are refused,
//! and a refusal is a 4xx with `{"error": "…"}`.

mod apps;
mod departments;
mod events;
mod faults;
mod messages;
mod people;
mod sign_in;
mod time;

use actix_web::{
    HttpResponse,
    web::{self, Data, JsonConfig, ServiceConfig},
};

use crate::{control_error::ControlError, state::platform::Platform, webview};

/// The routes of this API.
pub fn routes(config: &mut ServiceConfig) {
    let json = JsonConfig::default()
        .error_handler(|error, _| ControlError::Request(error.to_string()).into());
    let scope = web::scope("/_sandbox")
        .app_data(json)
        .route("/sign-in", web::post().to(sign_in::sign_in))
        .route("/codes", web::post().to(sign_in::issue_code))
        .route("/faults", web::post().to(faults::add))
        .route("/faults", web::put().to(faults::set_bad_day))
        .route("/faults", web::delete().to(faults::clear))
        .route("/webview", web::get().to(webview::guide))
        .route("/webview/client", web::get().to(webview::client))
        .route("/webview/call", web::post().to(webview::call))
        .route("/webview/faults", web::post().to(webview::add_fault))
        .route("/clock", web::post().to(time::advance))
        .route("/tokens/revoke", web::post().to(time::revoke_tokens))
        .route("/people", web::get().to(people::list))
        .route("/people", web::post().to(people::hire))
        .route("/people/{id}", web::patch().to(people::change))
        .route("/people/{id}/dismiss", web::post().to(people::dismiss))
        .route("/people/{id}/rehire", web::post().to(people::rehire))
        .route("/departments", web::get().to(departments::list))
        .route("/departments", web::post().to(departments::create))
        .route("/departments/{id}", web::patch().to(departments::change))
        .route("/departments/{id}", web::delete().to(departments::remove))
        .route("/company", web::put().to(departments::generate))
        .route("/apps/{clientId}", web::put().to(apps::put))
        .route(
            "/apps/{clientId}/subscription",
            web::put().to(events::subscribe),
        )
        .route("/events", web::get().to(events::list))
        .route("/events", web::post().to(events::send))
        .route("/events", web::put().to(events::set))
        .route("/messages", web::get().to(messages::list))
        .route("/messages", web::put().to(messages::limit))
        .route("/inbox/{person}", web::get().to(messages::show))
        .route(
            "/inbox/{person}/{number}/read",
            web::post().to(messages::read),
        )
        .route("/stream", web::get().to(events::connections))
        .route("/stream/close", web::post().to(events::close))
        .route("/requests", web::get().to(list_requests))
        .route("/requests", web::delete().to(clear_requests))
        .route("/reset", web::post().to(reset))
        .default_service(web::to(unknown));
    config.service(scope);
}

async fn list_requests(platform: Data<Platform>) -> HttpResponse {
    HttpResponse::Ok().json(platform.lock().requests.rows())
}

async fn clear_requests(platform: Data<Platform>) -> HttpResponse {
    platform.lock().requests.clear();
    HttpResponse::NoContent().finish()
}

async fn reset(platform: Data<Platform>) -> HttpResponse {
    platform.reset();
    HttpResponse::NoContent().finish()
}

async fn unknown() -> Result<HttpResponse, ControlError> {
    Err(ControlError::NotFound(
        "call with this path and method".to_owned(),
    ))
}
