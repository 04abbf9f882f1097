//! Bodies that mean something else than they seem to.

use reqwest::Method;
use serde_json::json;

use super::sign_up;
use crate::support::TestApp;

const SIGN_IN: &str = "/api/auth:signIn";
const SIGN_UP: &str = "/api/auth:signUp";

async fn post_text(app: &TestApp, path: &str, body: &str) -> (u16, String) {
    let request = app.browser().http().post(app.url(path));
    let request = request.header("content-type", "application/json");
    let answer = request.body(body.to_owned()).send().await.unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap())
}

/// When a key appears twice, the last one counts, as in JavaScript and in whatever is in front of
/// this server.
#[actix_web::test]
async fn a_key_that_comes_twice_has_one_meaning() {
    let app = TestApp::start().await;
    let right = r#"{"account":"nobody","password":"x","account":"nocobase","password":"admin123"}"#;
    let wrong = r#"{"account":"nocobase","password":"admin123","account":"nobody"}"#;
    assert_eq!(post_text(&app, SIGN_IN, right).await.0, 200);
    assert_eq!(post_text(&app, SIGN_IN, wrong).await.0, 401);
}

#[actix_web::test]
async fn wrong_types_in_any_field_are_refused_and_change_nothing() {
    let app = TestApp::with_options(sign_up()).await;
    let forms = [
        (SIGN_IN, "basic", vec!["account", "email", "password"]),
        (SIGN_IN, "dingtalk", vec!["authCode"]),
        (
            SIGN_UP,
            "basic",
            vec![
                "username",
                "email",
                "nickname",
                "password",
                "confirm_password",
            ],
        ),
        ("/api/dingtalk:getAuthUrl", "dingtalk", vec!["redirect"]),
        (
            "/api/dingtalk:inAppSignIn",
            "dingtalk",
            vec!["code", "redirect"],
        ),
    ];
    for (path, authenticator, fields) in forms {
        for field in fields {
            for value in [
                json!([]),
                json!({}),
                json!({"$ne": null}),
                json!(["x"]),
                json!(true),
                json!("\u{0}"),
                json!(1e300),
            ] {
                // NocoBase reads numbers as texts, so this can be a valid password.
                if path == SIGN_UP && value.is_number() {
                    continue;
                }
                let headers = [("x-authenticator", authenticator)];
                // Except for one field, this form would be accepted.
                let mut body = json!({
                    "account": "nobody", "username": "ada", "password": "p", "confirm_password": "p",
                });
                body[field] = value;
                let mut browser = app.browser();
                let body = Some(body);
                let answer = browser
                    .send(Method::POST, path, &headers, body.clone())
                    .await;
                let is_link = path.ends_with("getAuthUrl") && answer.status == 200;
                assert!(
                    answer.status.is_client_error() || is_link,
                    "{path} {body:?}: {} {}",
                    answer.status,
                    answer.text
                );
            }
        }
    }
    assert_eq!(app.count_users().await, 1);
}
