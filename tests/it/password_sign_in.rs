//! Signing in with user name and password.

use reqwest::Method;
use serde_json::json;

use crate::support::TestApp;

const SIGN_IN: &str = "/api/auth:signIn";

#[actix_web::test]
async fn the_root_account_of_the_first_start_signs_in() {
    let app = TestApp::start().await;
    let mut browser = app.browser();
    for body in [
        json!({"account": "nocobase", "password": "admin123"}),
        json!({"account": "admin@nocobase.com", "password": "admin123"}),
        json!({"email": "admin@nocobase.com", "password": "admin123"}),
    ] {
        let answer = browser.post(SIGN_IN, body).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        let data = &answer.json()["data"];
        assert_eq!(data["user"]["id"], 1);
        assert_eq!(data["user"]["systemSettings"], json!({}));
        for hidden in ["password", "resetToken", "sort", "roles"] {
            assert!(data["user"].get(hidden).is_none(), "{hidden}");
        }
    }
    assert_eq!(browser.cookies["nb_role_main"].1, "root");
    assert_eq!(browser.cookies["nb_authenticator_main"].1, "basic");
}

#[actix_web::test]
async fn wrong_credentials_tell_nothing() {
    let app = TestApp::start().await;
    let id = app.create_user("No password", None).await;
    let mut browser = app.browser();
    for body in [
        json!({"account": "nocobase", "password": "wrong"}),
        json!({"account": "nobody", "password": "admin123"}),
        json!({"account": "NOCOBASE", "password": "admin123"}),
        json!({"account": "nocobase"}),
        json!({"account": "nocobase", "password": ""}),
        json!({"account": "nocobase", "password": 123}),
        json!({"account": id, "password": ""}),
    ] {
        let answer = browser.post(SIGN_IN, body.clone()).await;
        assert_eq!(answer.status, 401, "{body}");
        assert_eq!(
            answer.message(),
            "The username/email or password is incorrect, please re-enter"
        );
        // With a code the web client would take it for the end of a session.
        assert_eq!(answer.code(), "");
        assert!(browser.cookies.is_empty());
    }
}

#[actix_web::test]
async fn operators_and_lists_are_no_credentials() {
    let app = TestApp::start().await;
    let mut browser = app.browser();
    for body in [
        json!({"account": {"$ne": "x"}, "password": "admin123"}),
        json!({"account": ["nocobase"], "password": "admin123"}),
        json!({"account": "nocobase", "password": ["admin123"]}),
    ] {
        assert_eq!(
            browser.post(SIGN_IN, body.clone()).await.status,
            400,
            "{body}"
        );
    }
    for body in [json!({}), json!({"account": ""}), json!([])] {
        let answer = browser.post(SIGN_IN, body.clone()).await;
        assert_eq!(
            answer.message(),
            "Please enter your username or email",
            "{body}"
        );
    }
}

#[actix_web::test]
async fn an_unknown_authenticator_is_the_first_one() {
    let app = TestApp::start().await;
    let mut browser = app.browser();
    let body = json!({"account": "nocobase", "password": "admin123"});
    let headers = [("x-authenticator", "nobody")];
    let answer = browser
        .send(Method::POST, SIGN_IN, &headers, Some(body))
        .await;
    assert_eq!(answer.status, 200);
    assert_eq!(browser.cookies["nb_authenticator_main"].1, "basic");
}

#[actix_web::test]
async fn another_sites_page_cannot_sign_anybody_in() {
    let app = TestApp::start().await;
    let body = json!({"account": "nocobase", "password": "admin123"});
    let own_page = app.url("/signin");
    for (header, value, status) in [
        ("origin", "https://evil.example", 403),
        ("origin", "null", 403),
        ("referer", "https://evil.example/x", 403),
        ("referer", own_page.as_str(), 200),
        ("x-other", "x", 200),
    ] {
        let answer = app
            .browser()
            .send(
                Method::POST,
                SIGN_IN,
                &[(header, value)],
                Some(body.clone()),
            )
            .await;
        assert_eq!(answer.status, status, "{header}: {value}");
    }
}

#[actix_web::test]
async fn a_password_of_ones_own_replaces_the_documented_one() {
    let flags = [
        "--init-root-password=correct horse",
        "--init-root-username=boss",
    ];
    let app = TestApp::with_flags(&flags, json!({})).await;
    let mut browser = app.browser();
    let old = json!({"account": "boss", "password": "admin123"});
    assert_eq!(browser.post(SIGN_IN, old).await.status, 401);
    let new = json!({"account": "boss", "password": "correct horse"});
    assert_eq!(browser.post(SIGN_IN, new).await.status, 200);
}
