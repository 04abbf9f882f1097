//! Requests for this product's actions that lack the public path, because a proxy has removed it.

use actix_web::http::header::{
    AcceptLanguage, CACHE_CONTROL, CONTENT_LANGUAGE, Header, Preference,
};
use actix_web::{HttpRequest, HttpResponse};

use crate::locale::Locale;
use crate::state::AppState;

/// Whether a request would be for one of this product's actions if it had the public path.
pub fn is_for_us_without_path(app: &AppState, request: &HttpRequest) -> bool {
    let http = &app.config.http;
    let path = request.path();
    let action = path.strip_prefix(http.api_base_path.as_str());
    let resource = action.and_then(|action| action.split_once(':'));
    let mut names = app.providers.iter().map(|provider| provider.names());
    resource.is_some_and(|(resource, _)| names.any(|names| names.resource == resource))
        && !path.starts_with(http.app_public_path.as_str())
}

/// Tells the person at the browser, and the operator in the log, that a proxy removes the public
/// path.
pub fn path_is_lost(app: &AppState, request: &HttpRequest) -> HttpResponse {
    let public_path = &app.config.http.app_public_path;
    if app.hints.path_is_lost.is_due(app.clock.now()) {
        log::warn!(
            "requests come without {public_path}, which APP_PUBLIC_PATH names: a proxy takes it away; \
             let it pass paths on as they come"
        );
    }
    let locale = preferred_locale(request);
    let what = locale.text(
        "This server is at {{path}}, but a proxy in front of it removes that path from addresses.",
    );
    let remedy = locale.text(
        "The proxy has to pass paths on unchanged. In nginx, proxy_pass must not contain a path, not \
         even a slash.",
    );
    let what = what.replace("{{path}}", public_path.as_str());
    HttpResponse::NotFound()
        .content_type("text/plain; charset=utf-8")
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header((CONTENT_LANGUAGE, locale.code()))
        .body(format!("{what}\n{remedy}\n"))
}

/// The supported language that the browser prefers. Nobody is signed in here, so there is no other
/// setting.
fn preferred_locale(request: &HttpRequest) -> Locale {
    let accepted = AcceptLanguage::parse(request).map(|accepted| accepted.ranked());
    let accepted = accepted.unwrap_or_default();
    let known = accepted.iter().find_map(|preference| match preference {
        Preference::Specific(tag) => Locale::nearest(tag.as_str()),
        Preference::Any => Some(Locale::default()),
    });
    known.unwrap_or_default()
}
