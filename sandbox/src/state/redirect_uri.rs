//! Compares redirect URIs.
//!
//! DingTalk's pages do not say whether the whole address or only its domain must match, but clients
//! with changing queries are known to work. So scheme, host, port and path are compared here, and
//! the query is not. What is accepted here is accepted by DingTalk.

use url::{Host, Url};

/// An address that cannot be registered as a redirect URI.
#[derive(Debug, thiserror::Error)]
#[error(
    "«{0}» is no redirect URI: an absolute http or https address without user name and fragment is needed"
)]
pub struct RedirectUriError(String);

/// Checks an address before it is registered.
pub fn check_registration(uri: &str) -> Result<(), RedirectUriError> {
    match parse(uri) {
        Some(_) => Ok(()),
        None => Err(RedirectUriError(uri.to_owned())),
    }
}

/// The address to redirect to, if it is registered. When none is registered, any `http` address of
/// this machine is accepted.
pub fn match_registered(uri: &str, registered: &[String]) -> Option<Url> {
    let url = parse(uri)?;
    let matches = if registered.is_empty() {
        is_this_machine(&url)
    } else {
        registered.iter().any(|candidate| {
            parse(candidate).is_some_and(|candidate_url| {
                candidate_url.origin() == url.origin() && raw_path(candidate) == raw_path(uri)
            })
        })
    };
    matches.then_some(url)
}

/// Whether the host of a page is registered. DingTalk's client compares the domain of a page with
/// the addresses of the app before it issues a code.
pub fn is_page_of(page: &str, registered: &[String]) -> bool {
    let Ok(page) = Url::parse(page) else {
        return false;
    };
    if registered.is_empty() {
        return is_this_machine(&page);
    }
    let hosts = registered.iter().filter_map(|uri| parse(uri));
    hosts.into_iter().any(|url| url.host() == page.host())
}

fn parse(uri: &str) -> Option<Url> {
    // The parser would remove or repair these characters, which the real comparison may not do.
    let is_repaired =
        |character: char| character.is_whitespace() || character.is_control() || character == '\\';
    if uri.contains(is_repaired) {
        return None;
    }
    let url = Url::parse(uri).ok()?;
    let is_web = matches!(url.scheme(), "http" | "https");
    let names_a_user = !url.username().is_empty() || url.password().is_some();
    (is_web && !names_a_user && url.fragment().is_none()).then_some(url)
}

/// The path as it was written. The parser resolves `/a/../b`, which must not match `/b`.
fn raw_path(uri: &str) -> &str {
    let after_scheme = uri.split_once("://").map_or("", |(_, rest)| rest);
    let before_query = after_scheme.split(['?', '#']).next().unwrap_or_default();
    before_query
        .find('/')
        .and_then(|start| before_query.get(start..))
        .unwrap_or("/")
}

fn is_this_machine(url: &Url) -> bool {
    let is_loopback = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    url.scheme() == "http" && is_loopback
}
