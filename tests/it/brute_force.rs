//! Guessing passwords.

use chrono::TimeDelta;
use reqwest::Method;
use serde_json::{Value, json};
use url::Url;

use crate::support::{Answer, TestApp};

const SIGN_IN: &str = "/api/auth:signIn";

/// Signs in from an address; this machine is the trusted proxy.
async fn sign_in(app: &TestApp, from: &str, account: &str, password: &str) -> Answer {
    let body = Some(json!({"account": account, "password": password}));
    let headers = [("x-forwarded-for", from), ("x-locale", "zh-CN")];
    app.browser()
        .send(Method::POST, SIGN_IN, &headers, body)
        .await
}

/// A server whose clock stands still, because it gives a guess back every six seconds.
async fn started(flags: &[&str]) -> TestApp {
    let app = TestApp::with_flags(flags, json!({})).await;
    app.clock.stop();
    app
}

async fn behind_a_proxy() -> TestApp {
    started(&["--trusted-proxies=127.0.0.1,10.0.0.0/8"]).await
}

#[actix_web::test]
async fn ten_wrong_passwords_are_looked_at_and_then_one_every_six_seconds() {
    let app = behind_a_proxy().await;
    for _ in 0..10 {
        assert_eq!(
            sign_in(&app, "192.0.2.1", "nocobase", "wrong").await.status,
            401
        );
    }
    // The right password is refused, too.
    let refused = sign_in(&app, "192.0.2.1", "nocobase", "admin123").await;
    assert_eq!(refused.status, 429);
    assert_eq!(
        refused.json(),
        json!({"errors": [{"message": "尝试次数过多，请稍后重试。"}]})
    );
    let wait: i64 = refused.header("retry-after").parse().unwrap();
    assert!((1..=7).contains(&wait), "{wait}");

    // Nobody else is locked out: not the owner at another address, and not others at the same
    // address.
    assert_eq!(
        sign_in(&app, "192.0.2.2", "nocobase", "admin123")
            .await
            .status,
        200
    );
    assert_eq!(
        sign_in(&app, "192.0.2.1", "somebody", "wrong").await.status,
        401
    );
    app.clock.advance(TimeDelta::seconds(wait));
    assert_eq!(
        sign_in(&app, "192.0.2.1", "nocobase", "admin123")
            .await
            .status,
        200
    );
}

#[actix_web::test]
async fn guesses_sent_together_do_not_overtake_their_count() {
    let app = behind_a_proxy().await;
    let guesses = (0..30).map(|_| sign_in(&app, "192.0.2.1", "nocobase", "wrong"));
    let answers = futures_util::future::join_all(guesses).await;
    let looked_at = answers.iter().filter(|answer| answer.status == 401);
    assert_eq!(looked_at.count(), 10);
}

#[actix_web::test]
async fn whoever_knows_the_password_may_sign_in_as_often_as_they_like() {
    let app = behind_a_proxy().await;
    for _ in 0..15 {
        assert_eq!(
            sign_in(&app, "192.0.2.1", "nocobase", "admin123")
                .await
                .status,
            200
        );
    }
}

#[actix_web::test]
async fn forwarding_headers_open_no_second_door() {
    // The address that the client wrote comes before the one that the trusted proxy added.
    let app = behind_a_proxy().await;
    for n in 0..10 {
        let from = format!("203.0.113.{n}, 192.0.2.1, 10.0.0.7");
        assert_eq!(sign_in(&app, &from, "nocobase", "wrong").await.status, 401);
    }
    for same in [
        "192.0.2.1",
        "198.51.100.1, 192.0.2.1:4711",
        "bad, 192.0.2.1, 10.1.1.1",
    ] {
        assert_eq!(
            sign_in(&app, same, "nocobase", "wrong").await.status,
            429,
            "{same}"
        );
    }
    // Without a trusted proxy the header is ignored.
    let app = started(&[]).await;
    for n in 0..10 {
        let from = format!("203.0.113.{n}");
        assert_eq!(sign_in(&app, &from, "nocobase", "wrong").await.status, 401);
    }
    assert_eq!(
        sign_in(&app, "203.0.113.99", "nocobase", "wrong")
            .await
            .status,
        429
    );
}

#[actix_web::test]
async fn a_stolen_token_is_no_place_to_guess_the_password_at() {
    let app = started(&[]).await;
    let mut browser = app.browser();
    let token = browser.sign_in_as_root().await;
    let path = "/api/auth:changePassword";
    let guess = json!({"oldPassword": "wrong", "newPassword": "x", "confirmPassword": "x"});
    for _ in 0..10 {
        let answer = browser.post_as(&token, path, guess.clone()).await;
        assert_eq!(answer.status, 401);
    }
    let right = json!({"oldPassword": "admin123", "newPassword": "x", "confirmPassword": "x"});
    assert_eq!(browser.post_as(&token, path, right).await.status, 429);
    // The owner can still sign in.
    browser.sign_in_as_root().await;
}

#[actix_web::test]
async fn sign_ups_and_addresses_are_not_tried_out_in_bulk() {
    for (path, body) in [("/api/auth:signUp", json!({}))] {
        let app = started(&[]).await;
        let headers = [("x-authenticator", "basic")];
        let mut statuses = Vec::new();
        while statuses.len() < 200 && !statuses.contains(&429) {
            let answer = app
                .browser()
                .send(Method::POST, path, &headers, Some(body.clone()))
                .await;
            statuses.push(answer.status.as_u16());
        }
        assert_eq!(statuses.pop(), Some(429), "{path}");
        assert_eq!(statuses.len(), 60, "{path}: {statuses:?}");
    }
}

/// Whoever has an account could otherwise find out who else has one.
#[actix_web::test]
async fn names_and_addresses_are_not_tried_out_in_bulk_in_ones_own_profile() {
    let app = started(&[]).await;
    let root = app.root_token().await;
    let bob = json!({"username": "bob", "email": "bob@corp.example"});
    let mut browser = app.browser();
    let made = browser.post_as(&root, "/api/users:create", bob).await;
    assert_eq!(made.status, 200, "{}", made.text);
    let profile = async |username: &str, email: &str| {
        let body = json!({"username": username, "email": email});
        let mut browser = app.browser();
        let path = "/api/users:updateProfile";
        let answer = browser.post_as(&root, path, body).await;
        answer.status.as_u16()
    };
    let own = ("nocobase", "admin@nocobase.com");
    // One's own name and address are not looked up.
    for _ in 0..61 {
        assert_eq!(profile(own.0, own.1).await, 200);
    }
    for _ in 0..30 {
        assert_eq!(profile(own.0, "bob@corp.example").await, 400);
        assert_eq!(profile("bob", own.1).await, 400);
    }
    assert_eq!(profile(own.0, "bob@corp.example").await, 429);
    assert_eq!(profile("bob", own.1).await, 429);
    assert_eq!(profile(own.0, own.1).await, 200);
    app.clock.advance(TimeDelta::seconds(1));
    assert_eq!(profile(own.0, "root@corp.example").await, 200);
}

/// Each of them would write to the database.
#[actix_web::test]
async fn returns_without_a_code_are_not_sent_in_bulk() {
    let app = started(&[]).await;
    let mut refusals = Vec::new();
    for _ in 0..62 {
        let mut browser = app.browser();
        let address = browser.begin(Value::Null).await;
        let address = Url::parse(&address).unwrap();
        let (_, state) = address
            .query_pairs()
            .find(|(name, _)| name == "state")
            .unwrap();
        let path = format!("/api/dingtalk:redirect?error=access_denied&state={state}");
        refusals.extend(browser.get(&path).await.failure());
    }
    assert_eq!(refusals[..60], vec!["DINGTALK_DENIED"; 60]);
    assert_eq!(refusals[60..], ["DINGTALK_TOO_MANY_ATTEMPTS"; 2]);
    // A code that DingTalk accepts is looked at again after a second, and is no guess.
    app.clock.advance(TimeDelta::seconds(1));
    for _ in 0..3 {
        let page = app.browser().sign_in(&app.sandbox, "lina").await;
        assert_eq!(page.failure().as_deref(), Some("DINGTALK_USER_NOT_FOUND"));
    }
}
