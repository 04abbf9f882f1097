//! Headers that are passed on.
//!
//! actix and hyper use two generations of the same types, so headers are converted by their bytes.
//! Repeated headers stay repeated, and values are not interpreted as text.

use std::fmt::Write;

use actix_web::HttpRequest;
use actix_web::http::header as actix;
use http::header::{
    CONNECTION, CONTENT_LENGTH, COOKIE, EXPECT, FORWARDED, HOST, HeaderMap, HeaderName,
    HeaderValue, PROXY_AUTHORIZATION, TE, TRAILER, TRANSFER_ENCODING, UPGRADE, VIA,
};

use crate::config::{Gateway, HostPolicy, Http};
use crate::edge::peer;

/// The name of the gateway in `Via`.
pub const PSEUDONYM: &str = "nocobase-dingtalk";
/// The value of `Via` in requests that the gateway sends.
pub const VIA_US: &str = "1.1 nocobase-dingtalk";

/// Headers that belong to one connection (RFC 9110, 7.6.1), and those that are created again for
/// the next one: framing, and `Expect`, which the server has answered by reading the body.
const HOP_BY_HOP: [HeaderName; 11] = [
    CONNECTION,
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-connection"),
    PROXY_AUTHORIZATION,
    HeaderName::from_static("proxy-authenticate"),
    TE,
    TRAILER,
    TRANSFER_ENCODING,
    UPGRADE,
    CONTENT_LENGTH,
    EXPECT,
];

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
const FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
const REAL_IP: HeaderName = HeaderName::from_static("x-real-ip");

/// Addresses a request to NocoBase's main application. NocoBase looks at host names, that in `Host`
/// included, only when no application is named.
pub fn address_to_main(headers: &mut HeaderMap) {
    headers.insert("x-app", HeaderValue::from_static("main"));
    headers.remove("x-hostname");
}

/// The headers of a client's request, for NocoBase.
pub fn of_request(
    request: &HttpRequest,
    http: &Http,
    gateway: &Gateway,
    authority: &str,
) -> HeaderMap {
    let mut headers = HeaderMap::with_capacity(request.headers().len() + 4);
    for (name, value) in request.headers() {
        let name = HeaderName::from_bytes(name.as_str().as_bytes());
        let value = HeaderValue::from_bytes(value.as_bytes());
        if let (Ok(name), Ok(value)) = (name, value)
            && (name == CONNECTION || !HOP_BY_HOP.contains(&name))
        {
            headers.append(name, value);
        }
    }
    remove_named(&mut headers);
    set_forwarded(&mut headers, request, http);
    if gateway.nocobase_upstream_host == HostPolicy::Upstream || !headers.contains_key(HOST) {
        insert(&mut headers, HOST, authority);
    }
    headers.append(VIA, HeaderValue::from_static(VIA_US));
    headers
}

/// Headers that decide what a request is. If one were repeated, NocoBase and the gateway could use
/// different values.
const ONCE: [actix::HeaderName; 9] = [
    actix::AUTHORIZATION,
    actix::CONTENT_ENCODING,
    actix::CONTENT_LENGTH,
    actix::CONTENT_TYPE,
    actix::HeaderName::from_static("x-app"),
    actix::HeaderName::from_static("x-authenticator"),
    actix::HeaderName::from_static("x-data-source"),
    actix::HeaderName::from_static("x-hostname"),
    actix::HeaderName::from_static("x-role"),
];

/// What `Connection` may name: how the connection is used, and headers that only belong to it.
const OF_CONNECTION: [&str; 10] = [
    "close",
    "http2-settings",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// Whether the headers could mean different things here and at NocoBase: one that decides is
/// repeated, or is declared to belong to this connection, so that NocoBase would not get it.
pub fn are_ambiguous(headers: &actix::HeaderMap) -> bool {
    let names_another = headers.get_all(actix::CONNECTION).any(|value| {
        let mut names = value.to_str().unwrap_or("?").split(',').map(str::trim);
        let is_known = |name: &str| {
            OF_CONNECTION
                .iter()
                .any(|known| known.eq_ignore_ascii_case(name))
        };
        names.any(|name| !name.is_empty() && !is_known(name))
    });
    names_another || ONCE.iter().any(|name| headers.get_all(name).count() > 1)
}

/// Whether a request has already passed through a gateway, so that the upstream is a gateway,
/// perhaps this one.
pub fn is_loop(request: &HttpRequest) -> bool {
    request.headers().get_all(actix::VIA).any(|value| {
        let value = value.to_str().unwrap_or_default();
        value
            .split(',')
            .filter_map(|hop| hop.split_whitespace().nth(1))
            .any(|by| by == PSEUDONYM)
    })
}

/// Removes headers that belong to one connection, by themselves or because `Connection` names them.
pub fn remove_hop_by_hop(headers: &mut HeaderMap) {
    remove_named(headers);
    for name in &HOP_BY_HOP {
        headers.remove(name);
    }
}

/// Removes `Connection` and the headers that it names.
fn remove_named(headers: &mut HeaderMap) {
    if !headers.contains_key(CONNECTION) {
        return;
    }
    let named: Vec<_> = headers
        .get_all(CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|name| name.trim().parse::<HeaderName>().ok())
        .collect();
    headers.remove(CONNECTION);
    for name in &named {
        headers.remove(name);
    }
}

/// Sets the headers that say who the client is and how it reached this server. Existing values are
/// used only when a trusted proxy sent them, because NocoBase trusts these headers.
fn set_forwarded(headers: &mut HeaderMap, request: &HttpRequest, http: &Http) {
    let peer = peer::of_connection(request.head());
    let trusted = peer.is_some_and(|peer| http.trusts(peer));
    if !trusted {
        let made_up: Vec<_> = headers
            .keys()
            .filter(|name| name.as_str().starts_with("x-forwarded-"))
            .cloned()
            .chain([FORWARDED, REAL_IP])
            .collect();
        for name in made_up {
            headers.remove(name);
        }
    }
    if let Some(peer) = peer {
        let mut way = String::new();
        for value in headers.get_all(FORWARDED_FOR) {
            if let Ok(value) = value.to_str() {
                way.push_str(value);
                way.push_str(", ");
            }
        }
        let _ = write!(way, "{peer}");
        insert(headers, FORWARDED_FOR, &way);
    }
    if let Some(origin) = peer::origin(request.head(), http)
        && let Some((scheme, host)) = origin.as_str().split_once("://")
    {
        insert(headers, FORWARDED_PROTO, scheme);
        insert(headers, FORWARDED_HOST, host);
    }
}

/// Replaces a header. A text that is not a valid value removes it.
pub fn insert(headers: &mut HeaderMap, name: HeaderName, text: &str) {
    match HeaderValue::from_str(text) {
        Ok(value) => drop(headers.insert(name, value)),
        Err(_) => drop(headers.remove(name)),
    }
}

/// Replaces the value of a cookie in a request, if it is there.
pub fn replace_cookie(
    headers: &mut HeaderMap,
    name: &str,
    replace: impl Fn(&str) -> Option<String>,
) {
    let cookies: Vec<_> = headers.get_all(COOKIE).iter().cloned().collect();
    let mut changed = false;
    let mut rewritten = Vec::with_capacity(cookies.len());
    for cookie in cookies {
        // The header is processed as bytes: other programs set cookies that are not text, and those
        // must stay as they are.
        let pairs = cookie.as_bytes().split(|byte| *byte == b';');
        let pairs: Vec<_> = pairs
            .map(|pair| {
                let pair = pair.trim_ascii();
                let new = std::str::from_utf8(pair)
                    .ok()
                    .and_then(|pair| pair.split_once('='))
                    .filter(|(key, _)| *key == name)
                    .and_then(|(_, value)| replace(value));
                changed |= new.is_some();
                new.map_or_else(
                    || pair.to_owned(),
                    |new| format!("{name}={new}").into_bytes(),
                )
            })
            .collect();
        match HeaderValue::from_bytes(&pairs.join(b"; ".as_slice())) {
            Ok(value) => rewritten.push(value),
            Err(_) => rewritten.push(cookie),
        }
    }
    if changed {
        headers.remove(COOKIE);
        for value in rewritten {
            headers.append(COOKIE, value);
        }
    }
}

/// Copies the headers of an upstream's answer to the gateway's answer.
pub fn copy_to(headers: &HeaderMap, answer: &mut actix::HeaderMap) {
    for (name, value) in headers {
        let name = actix::HeaderName::from_bytes(name.as_str().as_bytes());
        let value = actix::HeaderValue::from_bytes(value.as_bytes());
        if let (Ok(name), Ok(value)) = (name, value) {
            answer.append(name, value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(*name, HeaderValue::from_static(value));
        }
        headers
    }

    #[test]
    fn what_belongs_to_one_connection_stays_behind() {
        let mut headers = map(&[
            ("connection", "close, X-Secret"),
            ("connection", "x-other"),
            ("x-secret", "1"),
            ("x-other", "2"),
            ("te", "trailers"),
            ("transfer-encoding", "chunked"),
            ("keep-alive", "timeout=5"),
            ("x-kept", "3"),
        ]);
        remove_hop_by_hop(&mut headers);
        assert_eq!(headers, map(&[("x-kept", "3")]));
    }

    #[test]
    fn one_cookie_is_replaced_and_the_others_stay() {
        let mut headers = map(&[("cookie", "a=1; b=2;c=3"), ("cookie", "b=4")]);
        replace_cookie(&mut headers, "b", |value| {
            (value == "2").then(|| "x".to_owned())
        });
        let values: Vec<_> = headers.get_all(COOKIE).iter().collect();
        assert_eq!(values, ["a=1; b=x; c=3", "b=4"]);
    }

    #[test]
    fn a_cookie_that_is_no_text_stays_as_it_is() {
        let mut headers = HeaderMap::new();
        let sent = HeaderValue::from_bytes(b"user=\xd5\xc5\xce\xb0; b=2");
        headers.append(COOKIE, sent.unwrap());
        replace_cookie(&mut headers, "b", |_| Some("x".to_owned()));
        assert_eq!(headers[COOKIE].as_bytes(), b"user=\xd5\xc5\xce\xb0; b=x");
    }
}
