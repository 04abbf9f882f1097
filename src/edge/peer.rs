//! The other end of a connection, and the address by which it reached this server.
//!
//! Anybody can write `X-Forwarded-*`, so these headers count only when the connection comes from a
//! network in `TRUSTED_PROXIES`. Of several values the last one counts: the trusted proxy wrote it,
//! and the client may have made up those before it.
//!
//! Addresses are normalised before they are compared: an IPv4 address that reaches an IPv6 socket
//! as `::ffff:192.0.2.1` is `192.0.2.1`.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use actix_web::HttpRequest;
use actix_web::dev::RequestHead;
use actix_web::http::header::{self, HeaderMap};

use crate::config::{Http, Origin};

/// The origin by which browsers know this server: only the configured one if there is one, else the
/// one to which this request was sent. Gives nothing when the request names no valid host.
pub fn origin(request: &RequestHead, http: &Http) -> Option<Origin> {
    http.app_public_url
        .clone()
        .or_else(|| request_origin(request, http))
}

fn request_origin(request: &RequestHead, http: &Http) -> Option<Origin> {
    let scheme = forwarded(request, http, "x-forwarded-proto").map_or("http", scheme_of_pages);
    let host = forwarded(request, http, "x-forwarded-host")
        .or_else(|| request.headers().get(header::HOST)?.to_str().ok())?;
    Origin::of(scheme, host)
}

/// The value that a trusted proxy wrote into this header.
pub fn forwarded<'a>(request: &'a RequestHead, http: &Http, name: &str) -> Option<&'a str> {
    let trusted = of_connection(request).is_some_and(|peer| http.trusts(peer));
    last(request.headers(), name).filter(|_| trusted)
}

/// The address of the proxy that this request came through, if it writes `X-Forwarded-*` and is not
/// trusted.
pub fn unnamed_proxy(request: &RequestHead, http: &Http) -> Option<IpAddr> {
    let peer = of_connection(request).filter(|peer| !http.trusts(*peer))?;
    let says = |name: &str| request.headers().contains_key(name);
    let is_proxy = ["x-forwarded-for", "x-forwarded-proto", "x-forwarded-host"]
        .into_iter()
        .any(says);
    is_proxy.then_some(peer)
}

/// Some proxies name the scheme of a WebSocket, but the page that opened it has the matching scheme
/// of HTTP.
fn scheme_of_pages(scheme: &str) -> &str {
    match scheme {
        "ws" => "http",
        "wss" => "https",
        other => other,
    }
}

/// The address at the other end of the connection, which may be a proxy's.
pub fn of_connection(request: &RequestHead) -> Option<IpAddr> {
    request.peer_addr.map(|peer| peer.ip().to_canonical())
}

/// Whether the browser used TLS to reach this server, so that cookies can be `Secure`.
pub fn is_https(request: &RequestHead, http: &Http) -> bool {
    origin(request, http).is_some_and(|origin| origin.is_https())
}

/// The page that sent a request. It has no origin when the header cannot be parsed, or says `null`.
#[derive(Debug, PartialEq, Eq)]
pub struct CrossOriginPage(pub Option<Origin>);

/// The page of another site that sent this request, according to the browser. A request without
/// `Origin` and `Referer`, as programs send them, comes from no page. `named` is a further origin
/// that an administrator configured as this server's.
pub fn cross_origin_page(
    request: &HttpRequest,
    http: &Http,
    named: Option<&Origin>,
) -> Option<CrossOriginPage> {
    let headers = request.headers();
    let text = |name| {
        headers
            .get(name)
            .map(|value| value.to_str().unwrap_or_default())
    };
    let from = match (text(header::ORIGIN), text(header::REFERER)) {
        (Some(origin), _) => origin.parse().ok(),
        (None, Some(referer)) => page_origin(referer),
        (None, None) => return None,
    };
    // `Origin: null` and what cannot be parsed count as another site.
    let is_of_server = |from: &Origin| named == Some(from) || is_same_origin(from, request, http);
    Some(CrossOriginPage(from))
        .filter(|CrossOriginPage(from)| !from.as_ref().is_some_and(is_of_server))
}

/// Whether an origin is that of this server.
pub fn is_same_origin(from: &Origin, request: &HttpRequest, http: &Http) -> bool {
    origin(request.head(), http).as_ref() == Some(from)
}

fn page_origin(page: &str) -> Option<Origin> {
    let url = url::Url::parse(page).ok()?;
    url.origin().ascii_serialization().parse().ok()
}

/// The address of the client. Each proxy appends the address that it saw. The last one that is not
/// a trusted proxy's is the client's; the client may have made up those before it.
pub fn address(request: &HttpRequest, http: &Http) -> IpAddr {
    let peer = of_connection(request.head()).unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED));
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
        // A trusted proxy does not write what cannot be parsed.
        let Some(address) = hop else { break };
        client = address;
        if !http.trusts(address) {
            break;
        }
    }
    client
}

/// Parses an address in `X-Forwarded-For`. Some proxies add the port, or write brackets without a
/// port.
fn hop(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let in_brackets = text
        .strip_prefix('[')
        .and_then(|text| text.strip_suffix(']'));
    let address = match in_brackets {
        Some(inner) => inner.parse::<Ipv6Addr>().map(IpAddr::V6).ok(),
        None => text.parse::<IpAddr>().ok(),
    };
    let address = address.or_else(|| text.parse::<SocketAddr>().ok().map(|peer| peer.ip()));
    address.map(|address| address.to_canonical())
}

/// The last value of a header to which proxies append.
fn last<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let value = headers.get_all(name).last()?.to_str().ok()?;
    let last = value.rsplit(',').next().map(str::trim);
    last.filter(|value| !value.is_empty())
}
