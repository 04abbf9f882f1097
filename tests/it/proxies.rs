//! The address under which browsers know the server, and who may set it.

use std::net::SocketAddr;

use reqwest::Method;
use serde_json::json;
use url::Url;

use crate::support::upstream::Raw;
use crate::support::{Answer, TestApp, test_logs};

const GET_AUTH_URL: &str = "/api/dingtalk:getAuthUrl";
const TRUSTED: &str = "--trusted-proxies=127.0.0.0/8";
const PUBLIC: &str = "--app-public-url=https://noco.example.com";

async fn begin(app: &TestApp, headers: &[(&str, &str)]) -> Answer {
    let mut all = vec![("x-authenticator", "dingtalk")];
    all.extend(headers);
    app.browser()
        .send(Method::POST, GET_AUTH_URL, &all, Some(json!({})))
        .await
}

/// The origin of the Redirect URL.
fn origin(answer: &Answer) -> String {
    let json = answer.json();
    let url = Url::parse(json["data"].as_str().expect(&answer.text)).unwrap();
    let (_, redirect) = url
        .query_pairs()
        .find(|(key, _)| key == "redirect_uri")
        .unwrap();
    Url::parse(&redirect)
        .unwrap()
        .origin()
        .ascii_serialization()
}

#[actix_web::test]
async fn of_several_values_the_one_of_the_trusted_proxy_counts() {
    let _logs = test_logs().await;
    let app = TestApp::with_flags(&[TRUSTED], json!({})).await;
    for (host, proto) in [
        ("noco.example.com", "https"),
        // With a proxy that appends, the value that the visitor wrote comes first.
        ("evil.example, noco.example.com", "http, https"),
        ("evil.example,noco.example.com", "javascript,https"),
        ("\u{fe}, noco.example.com", " ,https"),
    ] {
        let headers = [("x-forwarded-host", host), ("x-forwarded-proto", proto)];
        let answer = begin(&app, &headers).await;
        if host.is_ascii() {
            assert_eq!(origin(&answer), "https://noco.example.com", "{host}");
        } else {
            assert_ne!(answer.status, 500);
        }
    }
    // The same values in separate header lines.
    let request = format!(
        "POST {GET_AUTH_URL} HTTP/1.1\r\nHost: inner\r\nConnection: close\r\n\
         X-Authenticator: dingtalk\r\nX-Forwarded-Host: evil.example\r\n\
         X-Forwarded-Host: noco.example.com\r\nX-Forwarded-Proto: https\r\n\
         Content-Length: 0\r\n\r\n"
    );
    let answer = app.raw(&request);
    assert!(
        answer.contains("https%3A%2F%2Fnoco.example.com%2Fapi"),
        "{answer}"
    );
    assert!(!answer.contains("evil"), "{answer}");
}

#[actix_web::test]
async fn a_visitor_who_writes_headers_chooses_nothing() {
    let _logs = test_logs().await;
    let spoofed = [
        ("x-forwarded-host", "evil.example"),
        ("x-forwarded-proto", "https"),
        ("forwarded", "for=1.2.3.4;host=evil.example;proto=https"),
        ("x-original-host", "evil.example"),
        ("x-real-ip", "1.2.3.4"),
        ("x-forwarded-prefix", "/evil"),
    ];
    let app = TestApp::start().await;
    assert_eq!(origin(&begin(&app, &spoofed).await), app.url(""));
    // `Forwarded` and other headers are ignored, even from a trusted proxy.
    let app = TestApp::with_flags(&[TRUSTED], json!({})).await;
    assert_eq!(origin(&begin(&app, &spoofed[2..]).await), app.url(""));
    // With a public address, no header is used.
    for flags in [[PUBLIC].as_slice(), &[PUBLIC, TRUSTED]] {
        let app = TestApp::with_flags(flags, json!({})).await;
        let answer = begin(&app, &spoofed).await;
        assert_eq!(origin(&answer), "https://noco.example.com");
        let answer = begin(&app, &[("host", "evil.example")]).await;
        assert_eq!(origin(&answer), "https://noco.example.com");
    }
}

#[actix_web::test]
async fn a_host_that_is_none_begins_no_sign_in() {
    let _logs = test_logs().await;
    let app = TestApp::with_flags(&[TRUSTED], json!({})).await;
    for headers in [
        [("host", "a b"), ("x-forwarded-proto", "http")],
        [("host", "http://["), ("x-forwarded-proto", "http")],
        [("host", "a@b"), ("x-forwarded-proto", "http")],
        [("host", "a/b"), ("x-forwarded-proto", "http")],
        [
            ("x-forwarded-host", "x:99999"),
            ("x-forwarded-proto", "http"),
        ],
        [("x-forwarded-host", "x"), ("x-forwarded-proto", "ftp")],
    ] {
        let answer = begin(&app, &headers).await;
        let status = answer.status.as_u16();
        assert!(
            matches!(status, 400 | 403),
            "{headers:?}: {status} {}",
            answer.text
        );
    }
}

#[actix_web::test]
async fn with_a_public_address_only_its_pages_are_our_own() {
    let _logs = test_logs().await;
    let app = TestApp::with_flags(&[PUBLIC, TRUSTED], json!({})).await;
    let here = app.url("");
    for (origin, own) in [
        ("https://noco.example.com", true),
        ("http://noco.example.com", false),
        ("https://noco.example.com:8443", false),
        ("https://noco.example.com.evil.example", false),
        // Another name of this server is not the configured one.
        (here.as_str(), false),
    ] {
        let answer = begin(&app, &[("origin", origin)]).await;
        assert_eq!(answer.status == 200, own, "{origin}: {}", answer.text);
        let answer = begin(&app, &[("referer", &format!("{origin}/signin?x=1"))]).await;
        assert_eq!(answer.status == 200, own, "{origin}: {}", answer.text);
        let headers = [("origin", origin), ("x-forwarded-host", "evil.example")];
        let answer = app
            .browser()
            .send(Method::GET, "/api/app:getInfo", &headers, None)
            .await;
        let credentials = answer.header("access-control-allow-credentials");
        assert_eq!(credentials == "true", own, "{origin}");
    }
}

#[actix_web::test]
async fn cookies_are_secure_where_browsers_come_by_tls() {
    let _logs = test_logs().await;
    for (flags, headers, secure) in [
        (vec![], vec![], false),
        // Anybody can write the header.
        (vec![], vec![("x-forwarded-proto", "https")], false),
        (vec![TRUSTED], vec![], false),
        (vec![TRUSTED], vec![("x-forwarded-proto", "https")], true),
        (
            vec![TRUSTED],
            vec![("x-forwarded-proto", "https, http")],
            false,
        ),
        (
            vec![TRUSTED],
            vec![("x-forwarded-proto", "http, https")],
            true,
        ),
        (vec![PUBLIC], vec![], true),
        (
            vec![PUBLIC, TRUSTED],
            vec![("x-forwarded-proto", "http")],
            true,
        ),
    ] {
        let app = TestApp::with_flags(&flags, json!({})).await;
        let sign_in = begin(&app, &headers).await;
        let body = Some(json!({"account": "nocobase", "password": "admin123"}));
        let session = app
            .browser()
            .send(Method::POST, "/api/auth:signIn", &headers, body)
            .await;
        for answer in [sign_in, session] {
            let cookies = answer.headers.get_all("set-cookie").iter();
            let cookies: Vec<_> = cookies.map(|cookie| cookie.to_str().unwrap()).collect();
            assert!(!cookies.is_empty(), "{}", answer.text);
            for cookie in cookies {
                assert_eq!(
                    cookie.contains("; Secure"),
                    secure,
                    "{flags:?} {headers:?} {cookie}"
                );
            }
        }
    }
}

/// A sign-in that began with TLS ends with TLS, with the cookie that is only sent there.
#[actix_web::test]
async fn behind_a_proxy_with_tls_one_signs_in_as_usual() {
    let _logs = test_logs().await;
    let options = json!({"public": {"autoSignup": true}});
    let app = TestApp::with_flags(&[TRUSTED], options).await;
    let redirect_url = "https://noco.example.com/api/dingtalk:redirect";
    let change = json!({"redirectUris": [redirect_url]});
    app.sandbox.change_app(change).await;
    let mut browser = app.browser();
    let headers = [
        ("x-authenticator", "dingtalk"),
        ("x-forwarded-proto", "https"),
        ("x-forwarded-host", "noco.example.com"),
    ];
    let answer = browser
        .send(Method::POST, GET_AUTH_URL, &headers, Some(json!({})))
        .await;
    let location = app
        .sandbox
        .choose(answer.json()["data"].as_str().unwrap(), "lina")
        .await;
    let path = location.strip_prefix("https://noco.example.com").unwrap();
    let answer = browser.send(Method::GET, path, &headers, None).await;
    assert!(answer.session().is_some(), "{answer:?}");
}

#[actix_web::test]
async fn a_proxy_may_name_the_scheme_of_a_websocket() {
    let _logs = test_logs().await;
    let app = TestApp::with_flags(&[TRUSTED], json!({})).await;
    for (scheme, origin, status) in [
        ("wss", "https://noco.example.com", 101),
        ("ws", "http://noco.example.com", 101),
        ("https, wss", "https://noco.example.com", 101),
        ("wss", "http://noco.example.com", 403),
        ("ws", "https://noco.example.com", 403),
        ("wss", "https://evil.example", 403),
    ] {
        let request = format!(
            "GET /ws HTTP/1.1\r\nHost: inner\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
             X-Forwarded-Host: noco.example.com\r\nX-Forwarded-Proto: {scheme}\r\n\
             Origin: {origin}\r\n\r\n"
        );
        let answer = Raw::to(app.server.address)
            .say(&request)
            .hear_until("\r\n\r\n");
        let expected = format!("HTTP/1.1 {status} ");
        assert!(answer.starts_with(&expected), "{scheme} {origin}: {answer}");
    }
}

/// An IPv6 socket that also accepts IPv4 reports such clients as `::ffff:…`.
#[actix_web::test]
async fn an_address_is_the_same_in_either_form() {
    let logs = test_logs().await;
    let by_ipv4 = |app: &TestApp| SocketAddr::from(([127, 0, 0, 1], app.server.address.port()));
    let said = [
        ("x-authenticator", "dingtalk"),
        ("x-forwarded-proto", "https"),
        ("x-forwarded-host", "noco.example.com"),
    ];
    for flags in [
        ["--app-host=::", "--trusted-proxies=127.0.0.1"],
        ["--app-host=::", "--trusted-proxies=::ffff:127.0.0.0/104"],
        ["--app-host=127.0.0.1", "--trusted-proxies=::ffff:127.0.0.1"],
    ] {
        let app = TestApp::with_flags(&flags, json!({})).await;
        let mut browser = app.browser().fresh_at(by_ipv4(&app));
        let body = Some(json!({}));
        let answer = browser.send(Method::POST, GET_AUTH_URL, &said, body).await;
        assert_eq!(origin(&answer), "https://noco.example.com", "{flags:?}");
    }
    // Without a proxy, the log has the address in its usual form.
    let app = TestApp::with_flags(&["--app-host=::"], json!({})).await;
    app.browser()
        .fresh_at(by_ipv4(&app))
        .get("/api/nothing:ofThatAddress")
        .await;
    let lines = logs.lines();
    let line = lines.lines().find(|line| line.contains("ofThatAddress"));
    assert!(line.unwrap().contains(" client=127.0.0.1 "), "{line:?}");
}

#[actix_web::test]
async fn every_way_to_write_a_hop_is_read() {
    let logs = test_logs().await;
    let app = TestApp::with_flags(&[TRUSTED], json!({})).await;
    for (at, (way, client)) in [
        ("192.0.2.1", "192.0.2.1"),
        ("192.0.2.1:443", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("[::ffff:192.0.2.1]:443", "192.0.2.1"),
        ("2001:db8::1", "2001:db8::1"),
        ("[2001:db8::1]", "2001:db8::1"),
        ("[2001:db8::1]:443", "2001:db8::1"),
        ("2001:0DB8:0:0::1", "2001:db8::1"),
        ("192.0.2.1, [::ffff:127.0.0.9]", "192.0.2.1"),
        // No trusted proxy has written these.
        ("192.0.2.1, [192.0.2.2]", "127.0.0.1"),
        ("192.0.2.1, unknown", "127.0.0.1"),
        ("192.0.2.1, [2001:db8::1", "127.0.0.1"),
    ]
    .into_iter()
    .enumerate()
    {
        let id = format!("way-{at}");
        let headers = [("x-forwarded-for", way), ("x-request-id", id.as_str())];
        let path = "/api/app:getInfo";
        app.browser().send(Method::GET, path, &headers, None).await;
        let lines = logs.lines();
        let line = lines
            .lines()
            .find(|line| line.contains(&format!("id={id} ")));
        let expected = format!(" client={client} ");
        assert!(line.unwrap().contains(&expected), "{way}: {line:?}");
    }
}
