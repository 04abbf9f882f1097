//! Requests outside the public path: from people who left it out, and through proxies that remove
//! it.
//!
//! People are redirected to the application. Behind a proxy that removes the path, the redirected
//! request would come back outside again, without an end. So the redirect carries a mark, and a
//! request that arrives outside with the mark shows that a proxy removes the path.

use actix_web::http::header::LOCATION;
use actix_web::{HttpRequest, HttpResponse};

use crate::edge::public_path::path_is_lost;
use crate::state::AppState;

/// The mark: the query of an address to which this server has redirected somebody.
const MARK: &str = "from=outside";

/// Redirects to the application, or reports that a proxy removes the public path.
pub fn lead_in(app: &AppState, request: &HttpRequest) -> HttpResponse {
    if is_marked(request) {
        return path_is_lost(app, request);
    }
    let public_path = app.config.http.app_public_path.as_str();
    HttpResponse::TemporaryRedirect()
        .insert_header((LOCATION, format!("{public_path}?{MARK}")))
        .finish()
}

/// Whether this server has redirected the request to where it is.
pub fn is_marked(request: &HttpRequest) -> bool {
    request.query_string() == MARK
}

/// Redirects to the same address without the mark.
pub fn without_mark(request: &HttpRequest) -> HttpResponse {
    HttpResponse::TemporaryRedirect()
        .insert_header((LOCATION, request.path().to_owned()))
        .finish()
}
