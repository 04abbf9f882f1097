//! Refusals of sign-in requests that come from pages of other sites, and of clients that send too
//! many. The person learns that the request was refused, and the operator learns from the log which
//! setting may be wrong.

use std::fmt::Write as _;

use actix_web::HttpRequest;
use actix_web::dev::RequestHead;

use super::ApiError;
use super::error::SignInRefusal;
use super::peer::{self, CrossOriginPage};
use crate::config::{Http, Origin};
use crate::state::AppState;

/// The longest part of a page's address that is written to the log, in characters.
const LONGEST: usize = 200;

/// Refuses a request that a page of another site sent. `named` is a further origin that an
/// administrator configured as this server's.
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

/// The address of this server that a person can open again.
pub fn server_origin(app: &AppState, request: &HttpRequest) -> Result<Origin, ApiError> {
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

/// Tells the operator which page sent the request, which address this server considers its own and
/// why, and what to configure.
fn refused(page: &CrossOriginPage, request: &RequestHead, http: &Http) -> String {
    let CrossOriginPage(Some(page)) = page else {
        return "a page of an address that cannot be read is refused as that of another site"
            .to_owned();
    };
    let page: String = page.as_str().chars().take(LONGEST).collect();
    let address = peer::origin(request, http);
    let address = address
        .as_ref()
        .map_or("no address that could be one", Origin::as_str);
    let mut text = format!(
        "a page of {page} is refused as that of another site: this server takes {address} for its own \
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

/// Where this server knows its own address from.
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

/// Tells the operator, when a client is refused for sending too many requests, that the client may
/// be a proxy.
pub fn note_too_many(app: &AppState, request: &HttpRequest, error: &ApiError) {
    use ApiError as E;
    if matches!(
        error,
        E::TooManyAttempts(_) | E::SignIn(SignInRefusal::TooManyAttempts(_), _)
    ) {
        note_one_address(app, request);
    }
}

/// Tells the operator that all people behind a proxy count as one client, if this request came
/// through a proxy that is not trusted.
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
