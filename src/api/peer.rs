//! Who is at the other end, and by which address they reached us.
//!
//! `X-Forwarded-*` can be written by anybody. They count only when the connection comes from a
//! network in `TRUSTED_PROXIES`. Of several values the last one counts: the trusted proxy wrote it,
//! and what stands before it may have come from the client.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use actix_web::HttpRequest;
use actix_web::dev::RequestHead;
use actix_web::http::header::{self, HeaderMap};

use crate::config::{Http, Origin};

/// The origin under which browsers know us: the configured one, and no other beside it, else that
/// which this request was sent to. Nothing when it names no host that could be one.
pub fn origin(request: &RequestHead, http: &Http) -> Option<Origin> {
    http.app_public_url
        .clone()
        .or_else(|| request_origin(request, http))
}

fn request_origin(request: &RequestHead, http: &Http) -> Option<Origin> {
    let headers = request.headers();
    let trusted = request.peer_addr.is_some_and(|peer| http.trusts(peer.ip()));
    let forwarded = |name| last(headers, name).filter(|_| trusted);
    let scheme = forwarded("x-forwarded-proto").unwrap_or("http");
    let host =
        forwarded("x-forwarded-host").or_else(|| headers.get(header::HOST)?.to_str().ok())?;
    Origin::of(scheme, host)
}

/// Whether the browser reached us by TLS, so that cookies may say `Secure`.
pub fn is_https(request: &RequestHead, http: &Http) -> bool {
    origin(request, http).is_some_and(|origin| origin.is_https())
}

/// Whether a browser says that a page of another site sent this request. Without `Origin` and
/// `Referer` nobody says so, and programs send neither. `named` is an origin that an administrator
/// calls ours.
pub fn is_foreign(request: &HttpRequest, http: &Http, named: Option<&Origin>) -> bool {
    let headers = request.headers();
    let text = |name| {
        headers
            .get(name)
            .map(|value| value.to_str().unwrap_or_default())
    };
    let from = match (text(header::ORIGIN), text(header::REFERER)) {
        (Some(origin), _) => origin.parse().ok(),
        (None, Some(referer)) => page_origin(referer),
        (None, None) => return false,
    };
    // `Origin: null`, and what cannot be read, is foreign.
    !from.is_some_and(|from| named == Some(&from) || is_own(&from, request, http))
}

/// Whether an origin is ours.
pub fn is_own(from: &Origin, request: &HttpRequest, http: &Http) -> bool {
    origin(request.head(), http).as_ref() == Some(from)
}

fn page_origin(page: &str) -> Option<Origin> {
    let url = url::Url::parse(page).ok()?;
    url.origin().ascii_serialization().parse().ok()
}

/// The address of the client. Proxies append the address that they saw: the last one that is not a
/// trusted proxy's own is the client's, and whatever stands before it the client may have made up.
pub fn address(request: &HttpRequest, http: &Http) -> IpAddr {
    let peer = request
        .peer_addr()
        .map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.ip());
    if !http.trusts(peer) {
        return peer;
    }
    let headers = request.headers().get_all("x-forwarded-for");
    let hops: Vec<_> = headers
        .flat_map(|value| value.to_str().unwrap_or_default().split(','))
        .map(hop)
        .collect();
    let mut client = peer;
    for hop in hops.into_iter().rev() {
        // What cannot be read was not written by a proxy of ours.
        let Some(address) = hop else { break };
        client = address;
        if !http.trusts(address) {
            break;
        }
    }
    client
}

/// An address in `X-Forwarded-For`; some proxies add the port.
fn hop(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let address = text.parse::<IpAddr>().ok();
    address.or_else(|| text.parse::<SocketAddr>().ok().map(|peer| peer.ip()))
}

/// The last value of a header that proxies append to.
fn last<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let value = headers.get_all(name).last()?.to_str().ok()?;
    let last = value.rsplit(',').next().map(str::trim);
    last.filter(|value| !value.is_empty())
}
