//! What the head of a request says about its caller: token, language, authenticator.

use actix_web::HttpRequest;
use actix_web::http::header::{ACCEPT, AUTHORIZATION};

use super::cookies::Cookies;
use super::query::Query;

/// The authenticator that a request names: by header, else by cookie, else `basic`.
pub fn authenticator_name(request: &HttpRequest) -> String {
    let named = header(request, "x-authenticator").map(str::to_owned);
    named
        .or_else(|| Cookies::authenticator(request))
        .unwrap_or_else(|| "basic".to_owned())
}

/// The language that a request names.
pub fn language<'a>(request: &'a HttpRequest, query: &'a Query) -> Option<&'a str> {
    header(request, "x-locale").or_else(|| query.get("locale"))
}

/// A header as text, unless it is empty.
pub fn header<'a>(request: &'a HttpRequest, name: &str) -> Option<&'a str> {
    let value = request.headers().get(name)?.to_str().ok()?.trim();
    Some(value).filter(|value| !value.is_empty())
}

/// The token of a request: from the header, where the word `Bearer` may be missing, else from the
/// query. Cookies are not accepted.
pub fn token(request: &HttpRequest, query: &Query) -> Option<String> {
    let value = request.headers().get(AUTHORIZATION);
    // A header that is not text is an invalid token, not a missing one.
    let value = value.map(|value| value.to_str().unwrap_or("?").trim());
    if let Some(value) = value.filter(|value| !value.is_empty()) {
        let (scheme, rest) = value
            .split_at_checked("bearer".len())
            .unwrap_or((value, ""));
        // As for NocoBase, a tab is as good as a space.
        let ends = rest.is_empty() || rest.starts_with([' ', '\t']);
        let bearer = ends && scheme.eq_ignore_ascii_case("bearer");
        return Some(if bearer {
            rest.trim().to_owned()
        } else {
            value.to_owned()
        });
    }
    query.get("token").map(str::to_owned)
}

/// Whether the client expects a stream of events, which cannot carry a new token.
pub fn wants_stream(request: &HttpRequest) -> bool {
    let accept = request
        .headers()
        .get(ACCEPT)
        .and_then(|value| value.to_str().ok());
    accept.is_some_and(|accept| accept.trim() == "text/event-stream")
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn a_token_is_read_as_nocobase_reads_it() {
        for (header, expected) in [
            ("Bearer x", "x"),
            ("bearer  x", "x"),
            ("Bearer\tx", "x"),
            ("Bearer", ""),
            ("x", "x"),
            ("Bearerx", "Bearerx"),
        ] {
            let request = TestRequest::default().insert_header((AUTHORIZATION, header));
            let read = token(&request.to_http_request(), &Query::default());
            assert_eq!(read.as_deref(), Some(expected), "{header:?}");
        }
    }
}
