//! Headers and the request line.

use proptest::prelude::*;
use reqwest::header::{HeaderName, HeaderValue};

use super::{one_of, sent, text, try_all};
use crate::support::TestApp;

const PLACES: &[&str] = &[
    "/",
    "/signin",
    "/v/admin",
    "/static/plugins/@nocobase/plugin-auth-dingtalk/dist/client/index.js",
    "/ws",
    "/api/app:getInfo",
    "/api/app:getLang",
    "/api/auth:check",
    "/api/auth:signIn",
    "/api/auth:signOut",
    "/api/auth:syncCookies",
    "/api/authenticators:publicList",
    "/api/dingtalk:getAuthUrl",
    "/api/dingtalk:redirect?code=a&state=b",
    "/api/roles:check",
    "/api/users:list",
];

const NAMES: &[&str] = &[
    "authorization",
    "x-role",
    "x-authenticator",
    "x-locale",
    "x-with-acl-meta",
    "x-hostname",
    "x-app",
    "x-timezone",
    "x-data-source",
    "x-csrf-token",
    "cookie",
    "origin",
    "referer",
    "host",
    "forwarded",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-proto",
    "x-request-id",
    "accept",
    "accept-encoding",
    "accept-language",
    "if-none-match",
    "if-modified-since",
    "range",
    "content-type",
    "access-control-request-method",
    "access-control-request-headers",
    "upgrade",
    "sec-websocket-key",
];

const VALUES: &[&str] = &[
    "Bearer",
    "Bearer ",
    "bearer a.b.c",
    "Basic bm9jb2Jhc2U6YWRtaW4xMjM=",
    "Bearer eyJhbGciOiJub25lIn0.eyJ1c2VySWQiOjF9.",
    "dingtalk",
    "basic",
    "root",
    "__union__",
    "zh-CN",
    "zh_CN;q=0.5, *",
    "null",
    "http://[",
    "https://evil.example",
    "evil.example:99999",
    "[::1]:80",
    "a b",
    "a/b?c#d",
    "@",
    ":",
    "https",
    "javascript",
    "https, http",
    "192.0.2.1, 10.0.0.1",
    "unknown, ,,",
    "for=192.0.2.1;host=evil.example;proto=https",
    "nb_authenticator_main=%00; nb_role_main=%ff; nb_auth_token_main=x",
    "nb_authenticator_main=a%0d%0ab; nb_role_main=root",
    "nocobase_dingtalk_0=AAAA; nocobase_dingtalk_0=BBBB",
    "text/event-stream",
    "application/json",
    "multipart/form-data",
    "gzip, br;q=x",
    "bytes=0-99999999999999999999",
    "Sun, 31 Feb 2026 99:99:99 GMT",
    "websocket",
];

fn value() -> impl Strategy<Value = HeaderValue> {
    let bytes = prop_oneof![
        5 => one_of(VALUES).prop_map(String::into_bytes),
        2 => text().prop_map(String::into_bytes),
        1 => proptest::collection::vec(any::<u8>(), 0..100),
    ];
    bytes.prop_filter_map("no header can hold it", |bytes| {
        HeaderValue::from_bytes(&bytes).ok()
    })
}

#[test]
fn no_header_breaks() {
    let header = (proptest::sample::select(NAMES), value());
    let headers = proptest::collection::vec(header, 0..6);
    try_all(
        file!(),
        128,
        async || {
            let flags = ["--trusted-proxies=127.0.0.0/8"];
            TestApp::with_flags(&flags, serde_json::json!({})).await
        },
        (one_of(PLACES), headers, any::<bool>()),
        async |app, (place, headers, posts)| {
            let url = app.url(&place);
            let browser = app.browser();
            let mut request = if posts {
                browser.http().post(url).body("{}")
            } else {
                browser.http().get(url)
            };
            for (name, value) in &headers {
                request = request.header(HeaderName::from_static(name), value);
            }
            sent(request.send().await, (place, headers))
        },
    );
}

/// Bytes that no HTTP client would send.
#[actix_web::test]
async fn no_request_line_breaks() {
    let app = TestApp::start().await;
    let long = "x".repeat(70_000);
    for line in [
        "GET /api/%00 HTTP/1.1",
        "GET /api/auth%3Acheck HTTP/1.1",
        "GET /api/%2e%2e/%2e%2e/etc/passwd HTTP/1.1",
        "GET /../../../etc/passwd HTTP/1.1",
        "GET //evil.example/api/app:getInfo HTTP/1.1",
        "GET http://evil.example/api/app:getInfo HTTP/1.1",
        "GET /api/\u{e9} HTTP/1.1",
        "GET /api/users/1/roles/%ff:list HTTP/1.1",
        "OPTIONS * HTTP/1.1",
        "CONNECT evil.example:80 HTTP/1.1",
        "TRACE /api/app:getInfo HTTP/1.1",
        "GET HTTP/1.1",
        "nonsense",
        &format!("GET /api/{long} HTTP/1.1"),
        &format!("GET /api/app:getInfo?{long} HTTP/1.1"),
    ] {
        let request = format!("{line}\r\nHost: x\r\nConnection: close\r\n\r\n");
        let answer = app.raw(&request);
        let line = line.get(..40).unwrap_or(line);
        // A handler that panics closes the connection without an answer.
        let status = answer
            .strip_prefix("HTTP/1.1 ")
            .and_then(|rest| rest.get(..3));
        let status: u16 = status.and_then(|status| status.parse().ok()).unwrap_or(0);
        assert!((200..500).contains(&status), "{line}: {answer:?}");
        assert!(!answer.contains("root:"), "{line}");
    }
    assert_eq!(app.browser().get("/api/app:getInfo").await.status, 200);
}
