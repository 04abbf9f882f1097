//! Changing a password, and having forgotten it.

use chrono::TimeDelta;
use entity::system_setting;
use nocobase_dingtalk::domain::session::{ResetClaims, SigningKey};
use reqwest::Method;
use sea_orm::ActiveValue::Set;
use serde_json::{Value, json};

use crate::support::{Answer, TestApp};

const CHANGE: &str = "/api/auth:changePassword";
const CHECK: &str = "/api/auth:check";
const LOST: &str = "/api/auth:lostPassword";
const CHECK_RESET: &str = "/api/auth:checkResetToken";
const RESET: &str = "/api/auth:resetPassword";
const FLAGS: [&str; 1] = ["--app-key=the-key-of-this-test"];

fn change(old: &str, new: &str, confirmation: &str) -> Value {
    json!({"oldPassword": old, "newPassword": new, "confirmPassword": confirmation})
}

/// A server with an account `ada`, password `pw1`, of id 2.
async fn app() -> TestApp {
    let app = TestApp::with_flags(&FLAGS, json!({})).await;
    let form = json!({"username": "ada", "password": "pw1", "confirm_password": "pw1"});
    assert_eq!(
        app.browser().post("/api/auth:signUp", form).await.status,
        200
    );
    app
}

#[actix_web::test]
async fn who_knows_the_old_password_chooses_a_new_one() {
    let app = app().await;
    let mut browser = app.browser();
    let token = browser.sign_in_as("ada", "pw1").await;
    app.clock.advance(TimeDelta::seconds(5));
    let answer = browser
        .post_as(&token, CHANGE, change("pw1", "pw2", "pw2"))
        .await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let user = &answer.json()["data"];
    assert_eq!(
        (&user["username"], &user["roles"][0]["name"]),
        (&json!("ada"), &json!("member"))
    );
    assert_eq!(user["passwordChangeTz"], Value::Null, "the state before");
    assert!(user.get("password").is_none());

    let changed = app.store().user(2).await.unwrap().unwrap();
    let now = app.clock.now().timestamp_millis();
    assert!((now - 5_000..=now).contains(&changed.password_change_tz.unwrap()));
    assert_eq!(changed.password.unwrap().len(), 64);

    let answer = browser.get_as(&token, CHECK).await;
    assert_eq!(
        (answer.status.as_u16(), answer.code().as_str()),
        (401, "INVALID_TOKEN")
    );
    assert_eq!(
        answer.message(),
        "User password changed, please signin again."
    );
    let old = json!({"account": "ada", "password": "pw1"});
    assert_eq!(browser.post("/api/auth:signIn", old).await.status, 401);
    app.clock.advance(TimeDelta::seconds(1));
    let token = browser.sign_in_as("ada", "pw2").await;
    assert_eq!(browser.get_as(&token, CHECK).await.status, 200);
}

#[actix_web::test]
async fn a_change_is_refused_as_nocobase_does() {
    let app = app().await;
    let mut browser = app.browser();
    let token = browser.sign_in_as("ada", "pw1").await;
    let incorrect = "The password is incorrect, please re-enter";
    let inconsistent = "The password is inconsistent, please re-enter";
    for (body, status, message) in [
        (change("bad", "pw2", "pw2"), 401, incorrect),
        (change("pw1", "pw2", "pw3"), 400, inconsistent),
        (change("bad", "pw2", "pw3"), 400, inconsistent),
        (json!({}), 401, incorrect),
        // NocoBase says yes to this, ends all sessions and changes nothing.
        (change("pw1", "", ""), 400, "Please enter a password"),
    ] {
        let answer = browser.post_as(&token, CHANGE, body.clone()).await;
        assert_eq!(
            (answer.status.as_u16(), answer.message().as_str()),
            (status, message),
            "{body}"
        );
        assert_eq!(answer.code(), "", "a code would sign the client out");
    }
    let answer = browser.post(CHANGE, change("pw1", "pw2", "pw2")).await;
    assert_eq!(
        (answer.status.as_u16(), answer.code().as_str()),
        (401, "EMPTY_TOKEN")
    );
    app.write(system_setting::ActiveModel {
        id: Set(1),
        enable_change_password: Set(Some(false)),
        ..Default::default()
    })
    .await;
    let answer = browser
        .post_as(&token, CHANGE, change("pw1", "pw2", "pw2"))
        .await;
    assert_eq!(answer.status, 403);
    assert_eq!(answer.message(), "Password is not allowed to be changed");
    assert_eq!(browser.get_as(&token, CHECK).await.status, 200);
}

async fn lost(app: &TestApp, headers: &[(&str, &str)], email: Value) -> Answer {
    let body = Some(json!({"email": email, "baseURL": "http://localhost"}));
    app.browser().send(Method::POST, LOST, headers, body).await
}

#[actix_web::test]
async fn a_lost_password_gets_as_far_as_a_server_without_mail_does() {
    let app = TestApp::start().await;
    let basic = [("x-authenticator", "basic")];
    let zh = [("x-authenticator", "basic"), ("x-locale", "zh-CN")];
    let known = json!("admin@nocobase.com");
    for (headers, email, status, message) in [
        (
            &[][..],
            known.clone(),
            400,
            "Missing X-Authenticator in request header",
        ),
        (
            &[("cookie", "nb_authenticator_main=basic")],
            known.clone(),
            400,
            "Missing X-Authenticator in request header",
        ),
        (
            &basic,
            Value::Null,
            400,
            "Please fill in your email address",
        ),
        (&basic, json!("xx"), 400, "Incorrect email format"),
        (
            &basic,
            json!({"$ne": "x"}),
            400,
            "A value in the request body has the wrong type",
        ),
        (
            &basic,
            json!("x@y.zz"),
            401,
            "The email is incorrect, please re-enter",
        ),
        (
            &basic,
            json!("ADMIN@nocobase.com"),
            403,
            "Not allowed to reset password",
        ),
        (&basic, known.clone(), 403, "Not allowed to reset password"),
        (&zh, known.clone(), 403, "不允许重置密码"),
    ] {
        let answer = lost(&app, headers, email.clone()).await;
        assert_eq!(
            (answer.status.as_u16(), answer.message().as_str()),
            (status, message),
            "{email}"
        );
    }
    app.set_password_options(
        json!({"public": {"enableResetPassword": true}, "resetTokenExpiresIn": 10}),
    )
    .await;
    let answer = lost(&app, &basic, known).await;
    assert_eq!(
        (answer.status.as_u16(), answer.message().as_str()),
        (400, "Email channel not found")
    );
}

/// The token of a link for this account, as a NocoBase with the same key would sign it.
fn link(app: &TestApp, user_id: i64) -> String {
    let now = app.clock.now().timestamp();
    let claims = ResetClaims {
        reset_password_user_id: user_id,
        iat: now,
        exp: now + 600,
    };
    SigningKey::new(b"the-key-of-this-test")
        .sign(&claims)
        .unwrap()
}

fn reset(token: &str, password: &str) -> Value {
    json!({"resetToken": token, "password": password})
}

#[actix_web::test]
async fn a_link_sets_the_password_once() {
    let app = app().await;
    let mut browser = app.browser();
    let session = browser.sign_in_as("ada", "pw1").await;
    app.clock.advance(TimeDelta::seconds(5));
    let token = link(&app, 2);
    let answer = browser
        .post(CHECK_RESET, json!({"resetToken": token}))
        .await;
    assert_eq!(answer.json(), json!({"data": true}));
    let answer = browser.post(RESET, reset(&token, "pw3")).await;
    assert_eq!((answer.status.as_u16(), answer.text.as_str()), (204, ""));

    for (path, body) in [
        (CHECK_RESET, reset(&token, "")),
        (RESET, reset(&token, "pw4")),
    ] {
        let answer = browser.post(path, body).await;
        assert_eq!(
            (answer.status.as_u16(), answer.message().as_str()),
            (401, "Token expired")
        );
    }
    assert!(
        app.store().is_blacklisted(&token).await.unwrap(),
        "whole, as NocoBase does"
    );
    assert_eq!(
        browser.get_as(&session, CHECK).await.code(),
        "INVALID_TOKEN"
    );
    browser.sign_in_as("ada", "pw3").await;
}

#[actix_web::test]
async fn of_many_who_follow_one_link_at_once_one_sets_the_password() {
    let app = app().await;
    let token = link(&app, 2);
    let passwords: Vec<_> = (0..8).map(|n| format!("new{n}")).collect();
    let answers = passwords.iter().map(|password| {
        let (mut browser, body) = (app.browser(), reset(&token, password));
        async move { browser.post(RESET, body).await.status.as_u16() }
    });
    let answers = futures_util::future::join_all(answers).await;
    assert_eq!(
        answers.iter().filter(|status| **status == 204).count(),
        1,
        "{answers:?}"
    );
    assert_eq!(answers.iter().filter(|status| **status == 401).count(), 7);
    let winner = answers.iter().position(|status| *status == 204).unwrap();
    app.browser().sign_in_as("ada", &passwords[winner]).await;
}

#[actix_web::test]
async fn what_is_no_good_link_resets_nothing() {
    let app = app().await;
    let mut browser = app.browser();
    let session = browser.sign_in_as("ada", "pw1").await;
    let good = link(&app, 2);
    let claims = ResetClaims {
        reset_password_user_id: 2,
        iat: 0,
        exp: i64::MAX,
    };
    let foreign = SigningKey::new(b"another key").sign(&claims).unwrap();
    let endless = json!({"resetPasswordUserId": 2});
    let endless = SigningKey::new(b"the-key-of-this-test")
        .sign(&endless)
        .unwrap();
    app.clock.advance(TimeDelta::seconds(601));
    // A session is no link: NocoBase's check says yes to it.
    for token in ["", "bad", &good, &foreign, &endless, &session] {
        for path in [CHECK_RESET, RESET] {
            let answer = browser.post(path, reset(token, "pw3")).await;
            assert_eq!(
                (answer.status.as_u16(), answer.message().as_str()),
                (401, "Token expired")
            );
            assert_eq!(answer.code(), "");
        }
    }
    for path in [CHECK_RESET, RESET] {
        assert_eq!(
            browser.post(path, json!({})).await.message(),
            "Token expired"
        );
    }
    let nobody = browser.post(RESET, reset(&link(&app, 99), "pw3")).await;
    assert_eq!(
        (nobody.status.as_u16(), nobody.message().as_str()),
        (404, "User not found")
    );
    let empty = browser.post(RESET, reset(&link(&app, 2), "")).await;
    assert_eq!(
        (empty.status.as_u16(), empty.message().as_str()),
        (400, "Please enter a password")
    );

    // And a link is no session.
    assert_eq!(browser.get_as(&link(&app, 2), CHECK).await.status, 401);
    app.browser().sign_in_as("ada", "pw1").await;
}

#[actix_web::test]
async fn a_change_of_the_password_spoils_older_links() {
    let app = app().await;
    let mut browser = app.browser();
    let older = link(&app, 2);
    let token = browser.sign_in_as("ada", "pw1").await;
    app.clock.advance(TimeDelta::seconds(2));
    let answer = browser
        .post_as(&token, CHANGE, change("pw1", "pw2", "pw2"))
        .await;
    assert_eq!(answer.status, 200);
    assert_eq!(browser.post(RESET, reset(&older, "pw3")).await.status, 401);
    browser.sign_in_as("ada", "pw2").await;
}
