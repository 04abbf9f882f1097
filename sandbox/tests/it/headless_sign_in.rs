//! Signing in by the control API instead of the login page.

use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{CALLBACK, Fake, authorization_path, parameter};

async fn sign_in(fake: &Fake, with: Value) -> String {
    let mut body = with;
    body["authorizationUrl"] = json!(format!("{}{}", fake.base, authorization_path(&[])));
    let answer = fake.control(Method::POST, "/sign-in", body).await;
    answer["location"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn signs_in_like_the_login_page() {
    let fake = Fake::start();
    let location = sign_in(&fake, json!({"person": "lina"})).await;
    assert!(
        location.starts_with(&format!("{CALLBACK}?code=")),
        "{location}"
    );
    assert_eq!(parameter(&location, "state").as_deref(), Some("s-1"));
    let token = fake
        .exchange(&parameter(&location, "code").unwrap())
        .await
        .json();
    let profile = fake
        .profile(token["accessToken"].as_str().unwrap(), "me")
        .await
        .json();
    assert_eq!(profile["unionId"], "union-lina");
}

#[tokio::test]
async fn signs_in_in_ways_the_login_page_does_not_offer() {
    let fake = Fake::start();
    assert_eq!(
        sign_in(&fake, json!({"deny": true})).await,
        format!("{CALLBACK}?error=access_denied&state=s-1")
    );
    assert_eq!(
        sign_in(
            &fake,
            json!({"error": "server_error", "withoutState": true})
        )
        .await,
        format!("{CALLBACK}?error=server_error")
    );
    let location = sign_in(&fake, json!({"person": "lina", "differentCodes": true})).await;
    assert_ne!(
        parameter(&location, "code"),
        parameter(&location, "authCode")
    );
    let location = sign_in(&fake, json!({"person": "lina", "withoutState": true})).await;
    assert_eq!(parameter(&location, "state"), None);
}
