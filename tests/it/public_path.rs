//! The application below a path, and proxies that remove the path.

use reqwest::Method;
use serde_json::json;

use crate::support::upstream::ScriptedUpstream;
use crate::support::{Answer, Browser, TestApp, TestGateway, TestLogs, test_logs};

const FLAG: &str = "--app-public-path=/nocobase/";

/// Follows redirects like a browser that only sees the proxy, which changes paths like this.
async fn follow(browser: &mut Browser, from: &str, proxy: impl Fn(&str) -> String) -> Answer {
    let mut path = from.to_owned();
    for _ in 0..5 {
        let answer = browser.get(&proxy(&path)).await;
        match answer.header("location") {
            "" => return answer,
            next => next.clone_into(&mut path),
        }
    }
    panic!("redirected without an end: {path}");
}

fn warnings(logs: &TestLogs) -> usize {
    let lines = logs.lines();
    let warning = |line: &&str| line.starts_with("WARN") && line.contains("without /nocobase/, ");
    lines.lines().filter(warning).count()
}

#[actix_web::test]
async fn a_proxy_that_takes_the_path_away_is_noticed() {
    let logs = test_logs().await;
    let app = TestApp::with_flags(&[FLAG], json!({})).await;
    let mut browser = app.browser();
    let stripped = |path: &str| path.replacen("/nocobase", "", 1);
    for path in [
        "/nocobase/",
        "/nocobase/admin/x?a=1",
        "/nocobase/api/app:getInfo",
    ] {
        let answer = follow(&mut browser, path, stripped).await;
        assert_eq!(answer.status, 404);
        let sentence = "This server is at /nocobase/, but a proxy in front of it removes that path";
        assert!(answer.text.starts_with(sentence), "{}", answer.text);
    }
    assert_eq!(warnings(&logs), 1, "once a minute");
    app.clock.advance(chrono::TimeDelta::minutes(1));
    follow(&mut browser, "/nocobase/", stripped).await;
    assert_eq!(warnings(&logs), 2);
}

#[actix_web::test]
async fn the_browser_is_told_in_its_own_language() {
    let _logs = test_logs().await;
    let app = TestApp::with_flags(&[FLAG], json!({})).await;
    for (accepted, language, begins) in [
        ("zh-HK, en;q=0.5", "zh-TW", "此伺服器位於 /nocobase/，"),
        (
            "xx, de;q=0.5, fr;q=0.9",
            "fr-FR",
            "Ce serveur se trouve sous /nocobase/,",
        ),
        ("xx", "en-US", "This server is at /nocobase/,"),
        (";;=", "en-US", "This server is at /nocobase/,"),
    ] {
        let headers = [("accept-language", accepted)];
        let path = "/?from=outside";
        let answer = app.browser().send(Method::GET, path, &headers, None).await;
        assert_eq!(answer.header("content-language"), language, "{accepted}");
        assert!(
            answer.text.starts_with(begins),
            "{accepted}: {}",
            answer.text
        );
    }
}

#[actix_web::test]
async fn who_leaves_the_path_out_is_led_in() {
    let logs = test_logs().await;
    let app = TestApp::with_flags(&[FLAG], json!({})).await;
    let mut browser = app.browser();
    for path in ["/", "/nocobase", "/admin", "/?from=elsewhere"] {
        let answer = follow(&mut browser, path, str::to_owned).await;
        assert_eq!(answer.status, 200, "{path}");
        assert!(answer.text.contains("The server is running"), "{path}");
    }
    // The mark does not stay in the address.
    let marked = browser.get("/").await.header("location").to_owned();
    assert_eq!(browser.get(&marked).await.header("location"), "/nocobase/");
    assert_eq!(warnings(&logs), 0);
}

#[actix_web::test]
async fn in_front_of_nocobase_the_button_says_so_too() {
    let logs = test_logs().await;
    let upstream = ScriptedUpstream::answering("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    let gateway = TestGateway::with_flags(upstream, &[FLAG]).await;
    let mut browser = gateway.browser();
    for path in ["/api/dingtalk:getAuthUrl", "/api/dingtalk:redirect?code=x"] {
        let answer = browser.send(Method::POST, path, &[], Some(json!({}))).await;
        assert_eq!(answer.status, 404);
        assert!(answer.text.contains("removes that path"), "{}", answer.text);
    }
    assert_eq!(warnings(&logs), 1);
    assert!(gateway.upstream.heads().is_empty());
    // Requests that do not concern this product are NocoBase's.
    assert_eq!(browser.get("/api/app:getInfo").await.status, 200);
}
