//! Tables that few may look at, and the token policy.

use reqwest::Method;
use serde_json::json;

use crate::support::TestApp;

#[actix_web::test]
async fn bookkeeping_is_for_the_root_role() {
    let app = TestApp::with_options(json!({"public": {"autoSignup": true}})).await;
    app.browser()
        .sign_in(&app.sandbox, "lina")
        .await
        .session()
        .unwrap();
    let mut browser = app.browser();
    let token = app.root_token().await;
    let signed_out = app.root_token().await;
    browser
        .post_as(&signed_out, "/api/auth:signOut", json!({}))
        .await;
    for (table, count, keys) in [
        (
            "usersAuthenticators?filter[uuid]=user-lina",
            1,
            vec!["authenticator", "userId", "meta"],
        ),
        (
            "issuedTokens?sort=-createdAt",
            2,
            vec!["id", "jti", "signInTime"],
        ),
        ("tokenBlacklist", 1, vec!["token", "expiration"]),
        (
            "rolesUsers?filter[userId]=1",
            3,
            vec!["roleName", "default"],
        ),
    ] {
        let answer = browser.get_as(&token, &format!("/api/{table}")).await;
        assert_eq!(
            answer.json()["meta"]["count"],
            count,
            "{table}: {}",
            answer.text
        );
        for key in keys {
            assert!(answer.json()["data"][0].get(key).is_some(), "{table} {key}");
        }
        let bearer = format!("Bearer {token}");
        for role in ["admin", "member"] {
            let headers = [("authorization", bearer.as_str()), ("x-role", role)];
            let answer = browser
                .send(Method::GET, &format!("/api/{table}"), &headers, None)
                .await;
            assert_eq!(answer.status, 403, "{table} {role}");
        }
        assert_eq!(
            browser.get(&format!("/api/{table}")).await.code(),
            "EMPTY_TOKEN"
        );
    }
}

#[actix_web::test]
async fn the_token_policy_counts_at_once_and_cannot_lock_everybody_out() {
    let app = TestApp::start().await;
    let mut browser = app.browser();
    let token = app.root_token().await;
    let path = "/api/tokenControlConfig:update/token-policy-config";
    for config in [
        json!({}),
        json!("1d"),
        json!({"tokenExpirationTime": "abc", "sessionExpirationTime": "7d", "expiredTokenRenewLimit": "1d"}),
        json!({"tokenExpirationTime": "0", "sessionExpirationTime": "7d", "expiredTokenRenewLimit": "1d"}),
    ] {
        let answer = browser
            .post_as(&token, path, json!({"config": config}))
            .await;
        assert_eq!(answer.status, 400, "{config}");
        assert!(
            answer.message().contains("tokenExpirationTime"),
            "{}",
            answer.text
        );
    }
    let config = json!({"tokenExpirationTime": "5m", "sessionExpirationTime": "1h", "expiredTokenRenewLimit": "1h"});
    let answer = browser
        .post_as(&token, path, json!({"config": config}))
        .await;
    assert_eq!(
        answer.json()["data"][0]["config"],
        config,
        "{}",
        answer.text
    );
    let got = browser
        .get_as(&token, "/api/tokenControlConfig:get/token-policy-config")
        .await
        .json();
    assert_eq!(got["data"]["config"], config);
    app.clock.advance(chrono::TimeDelta::minutes(6));
    let answer = browser.get_as(&token, "/api/auth:check").await;
    assert!(
        !answer.header("x-new-token").is_empty(),
        "the shorter life counts for old tokens"
    );
    app.clock.advance(chrono::TimeDelta::minutes(60));
    assert_eq!(
        browser.get_as(&token, "/api/auth:check").await.code(),
        "EXPIRED_SESSION"
    );
}
