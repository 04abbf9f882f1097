//! Requests by which nobody has decided anything yet: browsers that load pages in advance, and
//! services that show a preview of a link. Such a request must not use up or change anything.

use actix_web::http::header::{CACHE_CONTROL, REFERRER_POLICY, VARY};
use actix_web::http::{Method, StatusCode};
use actix_web::{HttpRequest, HttpResponse};

/// The headers in which browsers say why they send a request: the standard one, its predecessors,
/// and those of Safari and Firefox.
const PURPOSES: [&str; 4] = ["sec-purpose", "purpose", "x-purpose", "x-moz"];

/// «Too Early». A browser that gets it asks again when the person opens the page. It might show an
/// answer with a status 2xx or 3xx to the person without asking again.
const TOO_EARLY: u16 = 425;

/// Whether a request only loads in advance or shows a preview.
pub fn is_prefetch(request: &HttpRequest) -> bool {
    request.method() == Method::HEAD || is_ahead(request)
}

/// Whether a browser loads this in advance.
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

/// The answer to such a request. It must not be cached.
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
