//! Switching the plugin, and what follows.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Browser, TestApp};

const OWN: &str = "auth-dingtalk";

async fn start() -> TestApp {
    TestApp::with_options(json!({"public": {"autoSignup": true}})).await
}

/// Switches our own plugin and waits until it is done.
async fn switch(browser: &mut Browser, token: &str, action: &str) {
    let path = format!("/api/pm:{action}?filterByTk={OWN}&awaitResponse=1");
    let answer = browser.get_as(token, &path).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
}

#[actix_web::test]
async fn a_switch_answers_with_what_it_was_asked() {
    let app = start().await;
    let mut browser = app.browser();
    let token = app.root_token().await;
    let bearer = format!("Bearer {token}");
    for (method, target, echo) in [
        (Method::GET, ":enable?filterByTk=auth-dingtalk", json!(OWN)),
        (Method::POST, ":enable?filterByTk=auth-dingtalk", json!(OWN)),
        (Method::POST, ":enable/auth-dingtalk", json!(OWN)),
        (
            Method::GET,
            ":enable?filterByTk=auth,users",
            json!("auth,users"),
        ),
        (
            Method::GET,
            ":enable?filterByTk[]=auth&filterByTk[]=users",
            json!(["auth", "users"]),
        ),
        (
            Method::GET,
            ":enable?filterByTk%5B%5D=auth",
            json!(["auth"]),
        ),
        (
            Method::GET,
            ":enable?filterByTk=auth&filterByTk=users",
            json!(["auth", "users"]),
        ),
        (Method::GET, ":disable?filterByTk=nope", json!("nope")),
    ] {
        let path = format!("/api/pm{target}");
        let answer = browser
            .send(method, &path, &[("authorization", &bearer)], None)
            .await;
        assert_eq!(answer.json(), json!({"data": echo}), "{path}");
    }
    for query in [
        "",
        "?filterByTk=",
        "?filterByTk[]=",
        "?filterByTk=a,,b",
        "?filterByTk=a%20b",
    ] {
        for action in ["enable", "disable"] {
            let path = format!("/api/pm:{action}{query}");
            let answer = browser.get_as(&token, &path).await;
            assert_eq!(answer.status, 400, "{path}");
            assert_eq!(answer.message(), "plugin name invalid");
        }
    }
}

#[actix_web::test]
async fn who_waits_learns_why_nothing_was_switched() {
    let app = start().await;
    let mut browser = app.browser();
    let token = app.root_token().await;
    for (query, status, message) in [
        (
            "enable?filterByTk=nope",
            404,
            "There is no plugin of this name.",
        ),
        (
            "disable?filterByTk=users",
            400,
            "This plugin is part of the server and cannot be switched off.",
        ),
    ] {
        let path = format!("/api/pm:{query}&awaitResponse=yes");
        let answer = browser.get_as(&token, &path).await;
        assert_eq!(
            (answer.status.as_u16(), answer.message().as_str()),
            (status, message)
        );
    }
    assert_eq!(app.store().enabled_plugins().await.unwrap().len(), 5);
}

#[actix_web::test]
async fn while_the_plugin_is_off_nothing_of_it_is_offered_and_then_all_comes_back() {
    let app = start().await;
    let mut root = app.browser();
    let token = app.root_token().await;
    let mut visitor = app.browser();
    assert!(
        visitor
            .sign_in(&app.sandbox, "lina")
            .await
            .session()
            .is_some()
    );
    let mut under_way = app.browser();
    let login_page = under_way.begin(Value::Null).await;

    switch(&mut root, &token, "disable").await;
    for path in ["/api/pm:listEnabled", "/api/pm:listEnabledV2"] {
        assert!(visitor.get(path).await.names().is_empty());
    }
    let offered = visitor.get("/api/authenticators:publicList").await;
    assert_eq!(offered.names(), ["basic"]);
    let types = root.get_as(&token, "/api/authenticators:listTypes").await;
    assert_eq!(types.names(), ["Email/Password"]);
    let list = root.get_as(&token, "/api/pm:list").await.json();
    assert_eq!(list["data"][4]["enabled"], false);
    assert_eq!(list["data"][4]["installed"], true);

    assert_eq!(
        visitor.try_begin(Value::Null).await.code(),
        "DINGTALK_DISABLED"
    );
    let location = app.sandbox.choose(&login_page, "lina").await;
    let failure = under_way.get(&location).await.failure();
    assert_eq!(failure.as_deref(), Some("DINGTALK_DISABLED"));
    let code = app.sandbox.code("lina", "oauth").await;
    let headers = [("x-authenticator", "dingtalk")];
    let body = Some(json!({"authCode": code}));
    let answer = visitor
        .send(Method::POST, "/api/auth:signIn", &headers, body)
        .await;
    assert_eq!(
        (answer.status.as_u16(), answer.code().as_str()),
        (403, "DINGTALK_DISABLED")
    );
    // Passwords are as good as before.
    app.browser().sign_in_as_root().await;

    let accounts = app.count_users().await;
    switch(&mut root, &token, "enable").await;
    for path in ["/api/pm:listEnabled", "/api/pm:listEnabledV2"] {
        assert_eq!(visitor.get(path).await.names(), [OWN]);
    }
    let offered = visitor.get("/api/authenticators:publicList").await;
    assert_eq!(offered.names(), ["basic", "dingtalk"]);
    let types = root.get_as(&token, "/api/authenticators:listTypes").await;
    assert_eq!(types.names(), ["Email/Password", "dingtalk"]);
    // The same person is the same account.
    assert!(
        visitor
            .sign_in(&app.sandbox, "lina")
            .await
            .session()
            .is_some()
    );
    assert_eq!(app.count_users().await, accounts);
}

#[actix_web::test]
async fn public_requests_never_fail_while_the_plugin_is_switched() {
    const SWITCHES: usize = 200;
    let app = start().await;
    let mut root = app.browser();
    let token = app.root_token().await;
    let over = Arc::new(AtomicBool::new(false));
    let answered = Arc::new(AtomicUsize::new(0));
    let visitors = (0..4).map(|_| {
        let (over, answered, mut visitor) = (over.clone(), answered.clone(), app.browser());
        actix_web::rt::spawn(async move {
            let paths = [
                "/api/pm:listEnabled",
                "/api/pm:listEnabledV2",
                "/api/authenticators:publicList",
            ];
            while !over.load(Ordering::Relaxed) {
                for path in paths {
                    let answer = visitor.get(path).await;
                    assert_eq!(answer.status, 200, "{path} {}", answer.text);
                    answered.fetch_add(1, Ordering::Relaxed);
                }
            }
        })
    });
    let visitors: Vec<_> = visitors.collect();
    // Two administrators who do not know of each other, one of them last.
    let mut other = app.browser();
    for _ in 0..SWITCHES / 2 {
        let enable = format!("/api/pm:enable?filterByTk={OWN}");
        let disable = format!("/api/pm:disable?filterByTk={OWN}");
        let (one, two) =
            futures_util::join!(root.get_as(&token, &enable), other.get_as(&token, &disable));
        assert_eq!((one.status.as_u16(), two.status.as_u16()), (200, 200));
    }
    switch(&mut root, &token, "enable").await;
    over.store(true, Ordering::Relaxed);
    for visitor in visitors {
        visitor.await.unwrap();
    }
    assert!(answered.load(Ordering::Relaxed) > SWITCHES / 10);

    let rows = app.store().plugins().await.unwrap();
    let own: Vec<_> = rows
        .iter()
        .filter(|row| row.name.as_deref() == Some(OWN))
        .collect();
    assert_eq!((own.len(), own[0].enabled), (1, Some(true)));
    assert_eq!(root.get("/api/pm:listEnabled").await.names(), [OWN]);
    let offered = root.get("/api/authenticators:publicList").await.names();
    assert_eq!(offered, ["basic", "dingtalk"]);
}
