//! Pages that are refused as those of other sites, and callers that are refused for being too many:
//! the visitor learns that it is so, and the operator how to change it.

use std::fmt::Write as _;

use actix_web::HttpRequest;
use actix_web::dev::RequestHead;

use super::ApiError;
use super::error::SignInRefusal;
use super::peer::{self, Page};
use crate::config::{Http, Origin};
use crate::state::AppState;

/// More of an address than this says nothing.
const LONGEST: usize = 200;

/// Refuses what a page of another site sends. `named` is an origin that an administrator calls ours.
pub fn refuse_cross_origin(
    app: &AppState,
    request: &HttpRequest,
    named: Option<&Origin>,
) -> Result<(), ApiError> {
    let http = &app.config.http;
    let Some(page) = peer::cross_origin_page(request, http, named) else {
        return Ok(());
    };
    if app.hints.cross_origin_page.is_due(app.clock.now()) {
        log::warn!("{}", refused(&page, request.head(), http));
    }
    Err(ApiError::ForeignOrigin)
}

/// The address of this server, for somebody to come back to.
pub fn own_address(app: &AppState, request: &HttpRequest) -> Result<Origin, ApiError> {
    let http = &app.config.http;
    peer::origin(request.head(), http).ok_or_else(|| {
        if app.hints.cross_origin_page.is_due(app.clock.now()) {
            log::warn!(
                "this server cannot tell its own address by {}, so that nobody could come back to it: \
                 set APP_PUBLIC_URL",
                source(request.head(), http)
            );
        }
        ApiError::ForeignOrigin
    })
}

/// What the operator has to know: which page asked, what this server takes for its own address and
/// why, and what to set.
fn refused(page: &Page, request: &RequestHead, http: &Http) -> String {
    let Page(Some(page)) = page else {
        return "a page of an address that cannot be read is refused as that of another site"
            .to_owned();
    };
    let page: String = page.as_str().chars().take(LONGEST).collect();
    let own = peer::origin(request, http);
    let own = own
        .as_ref()
        .map_or("no address that could be one", Origin::as_str);
    let mut text = format!(
        "a page of {page} is refused as that of another site: this server takes {own} for its own \
         address, by {}; if people use {page}, set APP_PUBLIC_URL={page}",
        source(request, http)
    );
    if let Some(peer) = peer::unnamed_proxy(request, http) {
        let _ = write!(
            text,
            " (X-Forwarded-* of {peer} does not count: TRUSTED_PROXIES does not name it)"
        );
    }
    text
}

/// Whence this server has its own address.
fn source(request: &RequestHead, http: &Http) -> &'static str {
    let forwarded = |name| peer::forwarded(request, http, name).is_some();
    match (
        forwarded("x-forwarded-proto"),
        forwarded("x-forwarded-host"),
    ) {
        _ if http.app_public_url.is_some() => "APP_PUBLIC_URL",
        (true, true) => "X-Forwarded-Proto and X-Forwarded-Host of a trusted proxy",
        (true, false) => "X-Forwarded-Proto of a trusted proxy and the header Host",
        (false, true) => "X-Forwarded-Host of a trusted proxy, which does not say that it is https",
        (false, false) => "the header Host, and nobody trusted says that it is https",
    }
}

/// Says so when somebody is refused for being too many who may be a proxy.
pub fn note_too_many(app: &AppState, request: &HttpRequest, error: &ApiError) {
    use ApiError as E;
    if matches!(
        error,
        E::TooManyAttempts(_) | E::SignIn(SignInRefusal::TooManyAttempts(_), _)
    ) {
        note_one_address(app, request);
    }
}

/// Says that everybody behind a proxy counts as one, if this request came by one that is not
/// trusted.
pub fn note_one_address(app: &AppState, request: &HttpRequest) {
    if let Some(peer) = peer::unnamed_proxy(request.head(), &app.config.http)
        && app.hints.one_address.is_due(app.clock.now())
    {
        log::warn!(
            "{peer} is refused for being too many, and passes on requests of others: everybody behind it \
             counts as one; if it is your proxy, set TRUSTED_PROXIES={peer}"
        );
    }
}
