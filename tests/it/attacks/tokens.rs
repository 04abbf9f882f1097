//! Tokens that were made up or changed, or whose account no longer exists.

use nocobase_dingtalk::domain::session::SigningKey;
use reqwest::Method;
use serde_json::json;

use crate::support::TestApp;

const SIGN_UP: &str = "/api/auth:signUp";
const CHECK: &str = "/api/auth:check";
const KEY: &str = "the-key-of-this-test";

fn encoded(text: &str) -> String {
    use base64::Engine;
    base64::prelude::BASE64_URL_SAFE_NO_PAD.encode(text)
}

#[actix_web::test]
async fn a_token_does_not_talk_its_way_in() {
    let flag = format!("--app-key={KEY}");
    let app = TestApp::with_flags(&[&flag], json!({})).await;
    let key = SigningKey::new(KEY.as_bytes());
    let good = key.sign(&app.claims(1)).unwrap();
    let parts: Vec<_> = good.split('.').collect();
    let check = async |token: &str| app.browser().get_as(token, CHECK).await;
    assert_eq!(check(&good).await.status, 200);
    for header in [
        r#"{"alg":"none"}"#,
        r#"{"alg":"nOnE","typ":"JWT"}"#,
        r#"{"alg":"RS256","typ":"JWT"}"#,
        r#"{"alg":"ES256"}"#,
        r#"{"alg":"EdDSA"}"#,
        r#"{"alg":"HS256","crit":["exp"],"jwk":{"kty":"oct","k":"AAAA"}}"#,
        r#"{"typ":"JWT"}"#,
        "[]",
    ] {
        let (header, body) = (encoded(header), parts[1]);
        for signature in ["", parts[2], "AAAA"] {
            let token = format!("{header}.{body}.{signature}");
            assert_eq!(check(&token).await.code(), "INVALID_TOKEN", "{token}");
        }
    }
    // The body of one token with the signature of another.
    let other = key.sign(&app.claims(2)).unwrap();
    let swapped = format!(
        "{}.{}.{}",
        parts[0],
        other.split('.').nth(1).unwrap(),
        parts[2]
    );
    assert_eq!(check(&swapped).await.code(), "INVALID_TOKEN");
    // Large tokens are refused, and the server keeps running.
    for size in [8_000, 60_000, 200_000] {
        let token = format!("{}.{}.{}", parts[0], "A".repeat(size), parts[2]);
        let bearer = format!("Bearer {token}");
        let headers = [("authorization", bearer.as_str())];
        let mut browser = app.browser();
        let answer = browser.try_send(Method::GET, CHECK, &headers, None).await;
        // The server may close the connection before it has read the largest one completely.
        if let Ok(answer) = answer {
            assert!(answer.status.is_client_error(), "{size}: {}", answer.status);
        }
    }
    assert_eq!(check(&good).await.status, 200);
}

#[actix_web::test]
async fn claims_that_nobody_asked_for_give_nothing() {
    let flag = format!("--app-key={KEY}");
    let app = TestApp::with_flags(&[&flag], json!({})).await;
    let member = app.create_user("Ada", None).await;
    let mut body = serde_json::to_value(app.claims(member)).unwrap();
    for (name, value) in [
        ("roles", json!(["root"])),
        ("role", json!("root")),
        ("admin", json!(true)),
        ("id", json!(1)),
        ("sub", json!("1")),
        ("user_id", json!(1)),
    ] {
        body[name] = value;
    }
    let header = jsonwebtoken::Header::default();
    let secret = jsonwebtoken::EncodingKey::from_secret(KEY.as_bytes());
    let token = jsonwebtoken::encode(&header, &body, &secret).unwrap();
    let me = app.browser().get_as(&token, CHECK).await.json()["data"].clone();
    assert_eq!(me["id"], member);
    assert_eq!(me["roles"].as_array().unwrap().len(), 1);
    let settings = "/api/authenticators:list";
    assert_eq!(app.browser().get_as(&token, settings).await.status, 403);
}

#[actix_web::test]
async fn the_token_of_a_deleted_account_is_refused() {
    let app = TestApp::start().await;
    let form = json!({"username": "ada", "password": "pw1", "confirm_password": "pw1"});
    assert_eq!(app.browser().post(SIGN_UP, form).await.status, 200);
    let token = app.browser().sign_in_as("ada", "pw1").await;
    assert_eq!(app.browser().get_as(&token, CHECK).await.status, 200);
    let root = app.root_token().await;
    let path = "/api/users:destroy?filterByTk=2";
    let removed = app.browser().post_as(&root, path, json!({})).await;
    assert_eq!(removed.status, 200, "{}", removed.text);
    let answer = app.browser().get_as(&token, CHECK).await;
    assert_eq!(answer.status, 401, "{}", answer.text);
}
