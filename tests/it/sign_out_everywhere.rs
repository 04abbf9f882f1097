//! Ending all sessions of an account, by its owner or by an administrator.

use std::time::{Duration, Instant};

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::support::upstream::PATIENCE;
use crate::support::{Answer, Browser, TestApp};

const EVERYWHERE: &str = "/api/dingtalk:signOutEverywhere";
const CHECK: &str = "/api/auth:check";

async fn account(app: &TestApp, root: &str, name: &str, role: &str) -> i64 {
    let body = json!({"username": name, "password": "pw", "roles": [role]});
    let made = app.browser().post_as(root, "/api/users:create", body).await;
    made.id()
}

async fn check(app: &TestApp, token: &str) -> Answer {
    app.browser().get_as(token, CHECK).await
}

async fn end(app: &TestApp, token: &str, body: Value) -> Answer {
    app.browser().post_as(token, EVERYWHERE, body).await
}

/// Repeats a request until the token is refused, and returns how long that took.
async fn refused_after(browser: &mut Browser, token: &str, since: Instant) -> Duration {
    while browser.get_as(token, CHECK).await.status == 200 {
        assert!(since.elapsed() < PATIENCE);
    }
    since.elapsed()
}

#[actix_web::test]
async fn somebody_ends_all_of_their_own_sessions() {
    let app = TestApp::start().await;
    let root = app.browser().sign_in_as_root().await;
    account(&app, &root, "ada", "member").await;
    let one = app.browser().sign_in_as("ada", "pw").await;
    let two = app.browser().sign_in_as("ada", "pw").await;
    let answer = end(&app, &one, json!({})).await;
    assert_eq!((answer.status.as_u16(), answer.json()), (200, json!({})));
    for token in [&one, &two] {
        assert_eq!(check(&app, token).await.code(), "INVALID_TOKEN");
    }
    assert_eq!(check(&app, &root).await.status, 200);
    app.clock.advance(TimeDelta::seconds(1));
    let anew = app.browser().sign_in_as("ada", "pw").await;
    assert_eq!(check(&app, &anew).await.status, 200);
    let answer = app.browser().get_as(&anew, EVERYWHERE).await;
    assert_eq!(answer.status, 404, "a link ends nothing");
}

#[actix_web::test]
async fn the_session_that_asks_may_go_on() {
    let app = TestApp::start().await;
    let root = app.browser().sign_in_as_root().await;
    account(&app, &root, "ada", "member").await;
    let other = app.browser().sign_in_as("ada", "pw").await;
    let mut browser = app.browser();
    let old = browser.sign_in_as("ada", "pw").await;
    for age in [TimeDelta::zero(), TimeDelta::hours(25)] {
        // The same request may renew the token.
        app.clock.advance(age);
        let token = browser.cookies["nb_auth_token_main"].1.clone();
        let body = json!({"exceptCurrent": true});
        let answer = browser.post_as(&token, EVERYWHERE, body).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        let new = answer.header("x-new-token").to_owned();
        assert_ne!(new, "");
        assert_eq!(answer.headers.get_all("x-new-token").iter().count(), 1);
        assert_eq!(browser.cookies["nb_auth_token_main"].1, new);
        assert_eq!(check(&app, &new).await.status, 200);
        for token in [&old, &other, &token] {
            assert_eq!(check(&app, token).await.status, 401);
        }
    }
    // The new token is renewed like any other.
    app.clock.advance(TimeDelta::hours(25));
    let token = browser.cookies["nb_auth_token_main"].1.clone();
    let renewed = check(&app, &token).await;
    assert_ne!(renewed.header("x-new-token"), "", "{}", renewed.text);
}

#[actix_web::test]
async fn what_would_be_renewed_elsewhere_is_not() {
    let app = TestApp::start().await;
    let root = app.browser().sign_in_as_root().await;
    let ada = account(&app, &root, "ada", "member").await;
    let old = app.browser().sign_in_as("ada", "pw").await;
    app.clock.advance(TimeDelta::hours(25));
    let now = app.browser().sign_in_as_root().await;
    let answer = end(&app, &now, json!({"userId": ada})).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(check(&app, &old).await.status, 401);
    let path = format!("/api/issuedTokens:list?filter={{\"userId\":{ada}}}");
    let left = app.browser().get_as(&now, &path).await;
    assert_eq!(left.json()["data"], json!([]), "nothing is left to renew");
}

#[actix_web::test]
async fn only_administrators_of_accounts_end_those_of_others_and_only_root_those_of_root() {
    let app = TestApp::start().await;
    let root = app.browser().sign_in_as_root().await;
    let ada = account(&app, &root, "ada", "member").await;
    account(&app, &root, "boss", "admin").await;
    let member = app.browser().sign_in_as("ada", "pw").await;
    let admin = app.browser().sign_in_as("boss", "pw").await;
    for (token, user, status) in [
        (&member, json!(1), 403),
        (&member, json!(3), 403),
        (&admin, json!(1), 403),
        (&admin, json!("1"), 403),
        (&admin, json!(99), 400),
        (&admin, json!("x"), 400),
        (&admin, json!([2]), 400),
    ] {
        let answer = end(&app, token, json!({"userId": user})).await;
        assert_eq!(answer.status, status, "{user}: {}", answer.text);
    }
    for token in [&root, &member, &admin] {
        assert_eq!(check(&app, token).await.status, 200);
    }
    let answer = end(&app, &admin, json!({"userId": ada})).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(check(&app, &member).await.status, 401);
    assert_eq!(check(&app, &admin).await.status, 200);
}

#[actix_web::test]
async fn another_process_hears_of_it_within_a_second() {
    let app = TestApp::start().await;
    let second = app.second_server();
    let root = app.browser().sign_in_as_root().await;
    for destroys in [false, true] {
        let mut fastest = Duration::MAX;
        // Of three, so that a busy machine does not count.
        for round in 1..=3 {
            let name = format!("ada{destroys}{round}");
            let id = account(&app, &root, &name, "member").await;
            let token = app.browser().sign_in_as(&name, "pw").await;
            let mut there = Browser::at(second.address);
            assert_eq!(there.get_as(&token, CHECK).await.status, 200);
            let answer = if destroys {
                let path = format!("/api/users:destroy/{id}");
                app.browser().post_as(&root, &path, json!({})).await
            } else {
                end(&app, &root, json!({"userId": id})).await
            };
            assert_eq!(answer.status, 200, "{}", answer.text);
            let done = Instant::now();
            // At this server it counts at once.
            assert_eq!(check(&app, &token).await.status, 401);
            fastest = fastest.min(refused_after(&mut there, &token, done).await);
        }
        // The promise is a second, but machines that run tests are busy.
        assert!(fastest < Duration::from_secs(2), "{fastest:?}");
    }
}

#[actix_web::test]
async fn an_account_that_is_removed_has_no_sessions() {
    let app = TestApp::start().await;
    let root = app.browser().sign_in_as_root().await;
    let ada = account(&app, &root, "ada", "member").await;
    let token = app.browser().sign_in_as("ada", "pw").await;
    assert_eq!(check(&app, &token).await.status, 200);
    let path = format!("/api/users:destroy/{ada}");
    app.browser().post_as(&root, &path, json!({})).await;
    assert_eq!(check(&app, &token).await.code(), "NOT_EXIST_USER");
}
