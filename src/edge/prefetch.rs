//! Requests by which somebody only looks: a browser that fetches ahead, or a service that shows what
//! is behind a link. Nobody has decided to go there yet, so nothing is used up or changed for them.

use actix_web::http::header::{CACHE_CONTROL, REFERRER_POLICY, VARY};
use actix_web::http::{Method, StatusCode};
use actix_web::{HttpRequest, HttpResponse};

/// Headers in which browsers say what a request is for: the standard one, its forerunners, and those
/// of Safari and Firefox.
const PURPOSES: [&str; 4] = ["sec-purpose", "purpose", "x-purpose", "x-moz"];

/// «Too Early»: a browser then asks again when somebody goes there. It may take any answer of the
/// kinds 2xx and 3xx for the one that it fetched ahead.
const TOO_EARLY: u16 = 425;

/// Whether a request only looks.
pub fn is_prefetch(request: &HttpRequest) -> bool {
    request.method() == Method::HEAD || is_ahead(request)
}

/// Whether a browser fetches ahead.
pub fn is_ahead(request: &HttpRequest) -> bool {
    let says = |name: &str| {
        request.headers().get_all(name).any(|value| {
            let value = value.to_str().unwrap_or_default();
            value.split([',', ';', ' ']).any(|word| {
                ["prefetch", "prerender", "preview"]
                    .iter()
                    .any(|ahead| word.eq_ignore_ascii_case(ahead))
            })
        })
    };
    PURPOSES.into_iter().any(says)
}

/// The answer to it, which nobody keeps.
pub fn answer(request: &HttpRequest) -> HttpResponse {
    let status = if is_ahead(request) {
        StatusCode::from_u16(TOO_EARLY).unwrap_or(StatusCode::BAD_REQUEST)
    } else {
        StatusCode::NO_CONTENT
    };
    HttpResponse::build(status)
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header((VARY, "Sec-Purpose, Purpose, X-Purpose, X-Moz"))
        .insert_header((REFERRER_POLICY, "no-referrer"))
        .finish()
}
