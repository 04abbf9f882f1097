//! Requests outside the public path: people who left it out, and proxies that take it away.
//!
//! The former are sent to the application. Of the latter the same request would come back without
//! an end; so the way there is marked, and what comes outside with the mark has lost the path.

use actix_web::http::header::LOCATION;
use actix_web::{HttpRequest, HttpResponse};

use crate::edge::public_path::path_is_lost;
use crate::state::AppState;

/// The query of an address to which we have sent somebody.
const MARK: &str = "from=outside";

/// Leads into the application, or says that a proxy makes that impossible.
pub fn lead_in(app: &AppState, request: &HttpRequest) -> HttpResponse {
    if is_marked(request) {
        return path_is_lost(app, request);
    }
    let public_path = app.config.http.app_public_path.as_str();
    HttpResponse::TemporaryRedirect()
        .insert_header((LOCATION, format!("{public_path}?{MARK}")))
        .finish()
}

/// Whether we have sent this request where it is.
pub fn is_marked(request: &HttpRequest) -> bool {
    request.query_string() == MARK
}

/// The same address without the mark.
pub fn without_mark(request: &HttpRequest) -> HttpResponse {
    HttpResponse::TemporaryRedirect()
        .insert_header((LOCATION, request.path().to_owned()))
        .finish()
}
