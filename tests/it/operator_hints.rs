//! Refusals that an operator can prevent by a setting: each is in the log, once a minute.

use chrono::TimeDelta;
use reqwest::Method;
use serde_json::json;

use crate::support::upstream::{Raw, ScriptedUpstream};
use crate::support::{TestApp, TestGateway, test_logs};

const TRUSTED: &str = "--trusted-proxies=127.0.0.0/8";
const PUBLIC: &str = "--app-public-url=https://noco.example.com";

/// All requests that a page of another site may not send.
async fn refused_pages(app: &TestApp, headers: &[(&str, &str)]) {
    let all = [&[("x-authenticator", "dingtalk")], headers].concat();
    for action in [
        "auth:signIn",
        "auth:signUp",
        "dingtalk:getAuthUrl",
        "dingtalk:inAppSignIn",
        "dingtalk:inAppFailed",
    ] {
        let path = format!("/api/{action}");
        let body = Some(json!({}));
        let answer = app.browser().send(Method::POST, &path, &all, body).await;
        assert_eq!(
            (answer.status.as_u16(), answer.message()),
            (403, "Invalid sign-in origin".to_owned()),
            "{action}"
        );
    }
    let lines: Vec<_> = headers
        .iter()
        .map(|(name, value)| format!("{name}: {value}\r\n"))
        .collect();
    let request = "GET /ws HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
        Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    let answer = Raw::to(app.server.address)
        .say(format!("{request}{}\r\n", lines.concat()))
        .hear_until("\r\n\r\n");
    assert!(answer.starts_with("HTTP/1.1 403 "), "{answer}");
}

#[actix_web::test]
async fn a_page_that_is_refused_is_named_with_what_to_set() {
    let logs = test_logs().await;
    for (flags, headers, line) in [
        // nginx with `proxy_set_header Host $host` at another port.
        (
            vec![],
            vec![
                ("host", "noco.example.com"),
                ("origin", "http://noco.example.com:8080"),
            ],
            "a page of http://noco.example.com:8080 is refused as that of another site: this server takes \
             http://noco.example.com for its own address, by the header Host, and nobody trusted says that \
             it is https; if people use http://noco.example.com:8080, set \
             APP_PUBLIC_URL=http://noco.example.com:8080\n",
        ),
        // TLS ends at the proxy, and nothing is configured here.
        (
            vec![],
            vec![
                ("host", "noco.example.com"),
                ("origin", "https://noco.example.com"),
                ("x-forwarded-proto", "https"),
            ],
            "set APP_PUBLIC_URL=https://noco.example.com (X-Forwarded-* of 127.0.0.1 does not count: \
             TRUSTED_PROXIES does not name it)\n",
        ),
        (
            vec![TRUSTED],
            vec![
                ("host", "inner"),
                ("origin", "https://other.example.com"),
                ("x-forwarded-proto", "https"),
            ],
            "takes https://inner for its own address, by X-Forwarded-Proto of a trusted proxy and the header \
             Host; if people use https://other.example.com, set APP_PUBLIC_URL=https://other.example.com\n",
        ),
        (
            vec![TRUSTED],
            vec![
                ("host", "inner"),
                ("origin", "https://another.example.com"),
                ("x-forwarded-host", "outer"),
            ],
            "takes http://outer for its own address, by X-Forwarded-Host of a trusted proxy, which does not \
             say that it is https;",
        ),
        (
            vec![PUBLIC],
            vec![
                ("host", "noco.example.com"),
                ("origin", "https://new.example.com"),
            ],
            "takes https://noco.example.com for its own address, by APP_PUBLIC_URL; if people use \
             https://new.example.com, set APP_PUBLIC_URL=https://new.example.com\n",
        ),
        (
            vec![],
            vec![("host", "noco.example.com"), ("origin", "null")],
            "a page of an address that cannot be read is refused",
        ),
    ] {
        let app = TestApp::with_flags(&flags, json!({})).await;
        refused_pages(&app, &headers).await;
        assert_eq!(
            logs.lines().matches(line).count(),
            1,
            "{line}: {}",
            logs.lines()
        );
        app.clock.advance(TimeDelta::seconds(20));
        refused_pages(&app, &headers).await;
        assert_eq!(logs.lines().matches(line).count(), 1, "{line}");
        app.clock.advance(TimeDelta::seconds(60));
        refused_pages(&app, &headers).await;
        assert_eq!(logs.lines().matches(line).count(), 2, "{line}");
    }
    assert!(
        logs.lines()
            .contains("WARN nocobase_dingtalk::edge::cross_origin")
    );
}

#[actix_web::test]
async fn an_address_that_cannot_be_one_is_named() {
    let logs = test_logs().await;
    let app = TestApp::with_flags(&[TRUSTED], json!({})).await;
    let headers = [
        ("x-authenticator", "dingtalk"),
        ("x-forwarded-proto", "ftp"),
    ];
    let path = "/api/dingtalk:getAuthUrl";
    let answer = app
        .browser()
        .send(Method::POST, path, &headers, Some(json!({})))
        .await;
    assert_eq!(answer.status, 403);
    assert!(
        logs.lines()
            .contains("cannot tell its own address by X-Forwarded-Proto")
    );
}

#[actix_web::test]
async fn everybody_behind_an_unnamed_proxy_is_one_and_the_log_says_so() {
    let logs = test_logs().await;
    let line = "set TRUSTED_PROXIES=127.0.0.1";
    let app = TestApp::start().await;
    for (forwarded, lines) in [(None, 0), (Some("198.51.100.7"), 1)] {
        let mut headers = vec![("x-authenticator", "dingtalk")];
        headers.extend(forwarded.map(|from| ("x-forwarded-for", from)));
        let mut tries = 0;
        loop {
            let body = Some(json!({"authCode": "invented"}));
            let path = "/api/auth:signIn";
            let answer = app.browser().send(Method::POST, path, &headers, body).await;
            tries += 1;
            if answer.status == 429 {
                break;
            }
            assert!(tries < 200);
        }
        assert_eq!(logs.lines().matches(line).count(), lines, "{forwarded:?}");
    }
    // The browser's way is reported, too.
    app.clock.advance(TimeDelta::seconds(61));
    let headers = [("x-forwarded-for", "198.51.100.7")];
    let mut tries = 0;
    while logs.lines().matches(line).count() < 2 {
        let mut browser = app.browser();
        let url = browser.begin(serde_json::Value::Null).await;
        let location = app
            .sandbox
            .return_with(&url, json!({"person": "emma"}))
            .await;
        browser.send(Method::GET, &location, &headers, None).await;
        tries += 1;
        assert!(tries < 200);
    }
}

#[actix_web::test]
async fn in_front_of_nocobase_a_bad_way_there_is_named() {
    let logs = test_logs().await;
    let ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    let gateway = TestGateway::before(ScriptedUpstream::answering(ok)).await;
    let host = gateway.server.address;
    for (header, status, line) in [
        (
            "Via: 1.1 nocobase-dingtalk",
            508,
            "a request came back to this gateway",
        ),
        (
            "Connection: close, x-app",
            400,
            "NocoBase could read it in another way than this gateway",
        ),
    ] {
        for _ in 0..3 {
            let answer = gateway.exchange(format!(
                "GET / HTTP/1.1\r\nHost: {host}\r\n{header}\r\nConnection: close\r\n\r\n"
            ));
            let expected = format!("HTTP/1.1 {status} ");
            assert!(answer.starts_with(&expected), "{answer}");
        }
        assert_eq!(logs.lines().matches(line).count(), 1, "{line}");
    }
}
