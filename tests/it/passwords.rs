//! Changing a password.

use chrono::TimeDelta;
use entity::system_setting;
use sea_orm::ActiveValue::Set;
use serde_json::{Value, json};

use crate::support::TestApp;

const CHANGE: &str = "/api/auth:changePassword";
const CHECK: &str = "/api/auth:check";

fn change(old: &str, new: &str, confirmation: &str) -> Value {
    json!({"oldPassword": old, "newPassword": new, "confirmPassword": confirmation})
}

/// A server with an account `ada`, password `pw1`, of id 2.
async fn app() -> TestApp {
    let app = TestApp::start().await;
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

#[actix_web::test]
async fn pages_offer_no_link_that_resets_a_password() {
    let app = TestApp::start().await;
    app.set_password_options(
        json!({"public": {"enableResetPassword": true, "allowSignUp": false}}),
    )
    .await;
    let listed = app.browser().get("/api/authenticators:publicList").await;
    let listed = listed.json();
    let shown = listed["data"].as_array().unwrap().iter();
    let basic = shown
        .clone()
        .find(|shown| shown["name"] == "basic")
        .unwrap();
    assert_eq!(basic["options"]["allowSignUp"], false);
    assert_eq!(basic["options"]["enableResetPassword"], Value::Null);
    let lost = json!({"email": "admin@nocobase.com"});
    let answer = app.browser().post("/api/auth:lostPassword", lost).await;
    assert_eq!(answer.status, 404);
}
