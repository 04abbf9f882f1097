//! Messages to open pages.

use std::time::{Duration, Instant};

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::support::{Socket, TestApp};

fn commanding(message: &str, command: &str) -> Value {
    json!({
        "type": "maintaining",
        "payload": {"message": message, "command": {"name": command}, "code": "APP_COMMANDING"},
    })
}

fn running(refresh: bool) -> Value {
    let mut payload = json!({"message": "application main is running", "code": "APP_RUNNING"});
    if refresh {
        payload["refresh"] = json!(true);
    }
    json!({"type": "maintaining", "payload": payload})
}

fn failed(message: &str) -> Value {
    json!({"type": "notification", "payload": {"message": message, "type": "error"}})
}

#[actix_web::test]
async fn all_pages_are_told_of_a_switch_and_to_load_anew_signed_in_or_not() {
    let app = TestApp::start().await;
    let mut browser = app.browser();
    let token = app.root_token().await;
    let mut pages = [
        Socket::signed_in(&app, &token).await,
        Socket::open(&app).await,
        Socket::open(&app).await,
    ];
    for (action, doing) in [("disable", "disabling"), ("enable", "enabling")] {
        let path = format!("/api/pm:{action}?filterByTk=auth-dingtalk");
        // Before the request, because the server's pause begins before its answer.
        let asked = Instant::now();
        assert_eq!(browser.get_as(&token, &path).await.status, 200);
        for page in &mut pages {
            let begun = commanding(
                &format!("{doing} plugin auth-dingtalk"),
                &format!("pm.{action}"),
            );
            assert_eq!(page.hear().await, begun);
        }
        for page in &mut pages {
            assert_eq!(page.hear().await, running(true));
        }
        // The client has time to show that something is going on.
        assert!(asked.elapsed() > Duration::from_millis(200));
    }
}

#[actix_web::test]
async fn pages_stay_as_they_are_when_nothing_changed() {
    let app = TestApp::start().await;
    let mut browser = app.browser();
    let token = app.root_token().await;
    let mut page = Socket::open(&app).await;
    for name in ["auth-dingtalk", "@nocobase/plugin-auth"] {
        let path = format!("/api/pm:enable?filterByTk={name}");
        assert_eq!(browser.get_as(&token, &path).await.status, 200);
        let begun = commanding(&format!("enabling plugin {name}"), "pm.enable");
        assert_eq!(page.hear().await, begun);
        assert_eq!(page.hear().await, running(false));
    }
}

#[actix_web::test]
async fn a_switch_that_fails_is_told_and_changes_nothing() {
    let app = TestApp::start().await;
    let mut browser = app.browser();
    let token = app.root_token().await;
    let mut page = Socket::signed_in(&app, &token).await;
    for (action, doing, names, reason) in [
        ("disable", "disabling", "auth", "auth is part of the server"),
        (
            "disable",
            "disabling",
            "auth-dingtalk,users",
            "users is part of the server",
        ),
        ("enable", "enabling", "nope", "there is no plugin nope"),
        (
            "disable",
            "disabling",
            "auth-dingtalk,nope",
            "there is no plugin nope",
        ),
    ] {
        let path = format!("/api/pm:{action}?filterByTk={names}");
        let answer = browser.get_as(&token, &path).await;
        assert_eq!(
            (answer.status, &answer.json()["data"]),
            (StatusCode::OK, &json!(names))
        );
        let begun = commanding(&format!("{doing} plugin {names}"), &format!("pm.{action}"));
        assert_eq!(page.hear().await, begun);
        let failure = format!("Failed to {action} plugin: {reason}");
        assert_eq!(page.hear().await, failed(&failure));
        assert_eq!(page.hear().await, running(false));
    }
    let rows = app.store().plugins().await.unwrap();
    assert!(rows.iter().all(|row| row.enabled == Some(true)));
}

#[actix_web::test]
async fn to_disable_twice_is_a_failure_as_in_nocobase() {
    let app = TestApp::start().await;
    let mut browser = app.browser();
    let token = app.root_token().await;
    let path = "/api/pm:disable?filterByTk=auth-dingtalk&awaitResponse=1";
    assert_eq!(browser.get_as(&token, path).await.status, 200);
    let mut page = Socket::open(&app).await;
    let again = browser.get_as(&token, path).await;
    assert_eq!(again.status, 400);
    assert_eq!(again.message(), "This plugin is not enabled.");
    assert_eq!(page.hear().await["payload"]["code"], "APP_COMMANDING");
    let failure = "Failed to disable plugin: auth-dingtalk is not enabled";
    assert_eq!(page.hear().await, failed(failure));
    assert_eq!(page.hear().await, running(false));
}

#[actix_web::test]
async fn a_page_is_told_that_its_token_is_good_and_nothing_of_a_bad_one() {
    let app = TestApp::start().await;
    let token = app.root_token().await;
    let mut page = Socket::signed_in(&app, &token).await;
    for bad in ["", "x", &format!("{token}x")] {
        page.say_token(bad).await;
    }
    page.hear_nothing().await;
    page.say_token(&token).await;
    assert_eq!(page.hear().await["type"], "authorized");
}

#[actix_web::test]
async fn what_is_not_understood_is_passed_over() {
    let app = TestApp::start().await;
    let token = app.root_token().await;
    let mut page = Socket::open(&app).await;
    for text in [
        "ping",
        "",
        "{",
        "[]",
        "null",
        r#"{"type":"maintaining"}"#,
        r#"{"type":"auth:token"}"#,
        r#"{"type":"auth:token","payload":{"token":1}}"#,
        r#"{"type":"auth:token","payload":{}}"#,
    ] {
        page.say(text).await;
    }
    page.ping().await;
    page.say_token(&token).await;
    assert_eq!(page.hear().await["type"], "authorized");
}

#[actix_web::test]
async fn a_message_without_end_ends_the_connection() {
    let app = TestApp::start().await;
    let mut page = Socket::open(&app).await;
    page.say(&"x".repeat(100_000)).await;
    page.is_closed().await;
}

#[actix_web::test]
async fn pages_of_other_sites_do_not_get_a_connection() {
    let app = TestApp::start().await;
    let address = app.server.address;
    let open = |origin: &str| {
        app.raw(&format!(
            "GET /ws HTTP/1.1\r\nHost: {address}\r\nOrigin: {origin}\r\nConnection: Upgrade\r\n\
             Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
             Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        ))
    };
    assert!(open("https://elsewhere.example").starts_with("HTTP/1.1 403"));
    assert!(open("null").starts_with("HTTP/1.1 403"));
}

#[actix_web::test]
async fn a_page_that_leaves_makes_room_for_another() {
    let app = TestApp::start().await;
    // Together there are more than may be open at once.
    for _ in 0..60 {
        let mut pages = Vec::new();
        for _ in 0..10 {
            pages.push(Socket::open(&app).await);
        }
        pages[9].ping().await;
    }
}
