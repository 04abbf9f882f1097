//! Tokens: what is accepted, for how long, and how a session ends.

use chrono::TimeDelta;
use nocobase_dingtalk::domain::session::{Claims, SigningKey};
use reqwest::Method;
use serde_json::json;

use crate::support::TestApp;

const CHECK: &str = "/api/auth:check";
const FLAGS: [&str; 1] = ["--app-key=the-key-of-this-test"];

async fn app() -> TestApp {
    TestApp::with_flags(&FLAGS, json!({})).await
}

fn key() -> SigningKey {
    SigningKey::new(b"the-key-of-this-test")
}

async fn refusal(app: &TestApp, claims: &Claims) -> String {
    let token = key().sign(claims).unwrap();
    app.browser().get_as(&token, CHECK).await.code()
}

#[actix_web::test]
async fn a_token_says_what_nocobases_says() {
    let app = app().await;
    let token = app.browser().sign_in_as_root().await;
    let claims = key().read(&token).unwrap();
    assert_eq!((claims.user_id, claims.temp), (Some(1), Some(true)));
    assert_eq!(claims.exp, claims.iat.map(|iat| iat + 86_400));
    assert_eq!(claims.sign_in_time.map(|ms| ms / 1000), claims.iat);
    let answer = app.browser().get_as(&token, CHECK).await;
    let data = answer.json()["data"].clone();
    assert_eq!(data["username"], "nocobase");
    let roles: Vec<_> = data["roles"]
        .as_array()
        .unwrap()
        .iter()
        .map(|r| r["name"].clone())
        .collect();
    assert_eq!(roles, ["admin", "member", "root"]);
    assert_eq!(data["roles"][2]["rolesUsers"]["default"], true);
    assert!(data["createdAt"].as_str().unwrap().ends_with('Z'));
}

#[actix_web::test]
async fn tokens_come_in_the_header_or_the_query_but_not_in_cookies() {
    let app = app().await;
    let mut browser = app.browser();
    let token = browser.sign_in_as_root().await;
    let bearer = format!("bearer {token}");
    for value in [&token, &bearer] {
        let answer = browser
            .send(Method::GET, CHECK, &[("authorization", value)], None)
            .await;
        assert_eq!(answer.status, 200);
    }
    assert_eq!(
        browser.get(&format!("{CHECK}?token={token}")).await.status,
        200
    );
    assert!(browser.cookies.contains_key("nb_auth_token_main"));
    assert_eq!(browser.get(CHECK).await.code(), "EMPTY_TOKEN");
    for value in ["Bearer ", "Basic YTpi", "Bearer x.y.z", "Bearerx", "é"] {
        let answer = browser
            .send(Method::GET, CHECK, &[("authorization", value)], None)
            .await;
        assert_eq!(answer.code(), "INVALID_TOKEN", "{value}");
    }
}

#[actix_web::test]
async fn what_is_wrong_with_a_token_is_told_by_its_code() {
    let app = app().await;
    let good = app.claims(1);
    let now = app.clock.now().timestamp();
    assert_eq!(
        refusal(&app, &good).await,
        "",
        "needs no row in issuedTokens"
    );
    for (expected, changed) in [
        (
            "NOT_EXIST_USER",
            Claims {
                user_id: Some(99),
                ..good.clone()
            },
        ),
        (
            "NOT_EXIST_USER",
            Claims {
                user_id: None,
                ..good.clone()
            },
        ),
        (
            "INVALID_TOKEN",
            Claims {
                nbf: Some(now + 60),
                ..good.clone()
            },
        ),
        (
            "INVALID_TOKEN",
            Claims {
                temp: None,
                exp: Some(now - 1),
                ..good.clone()
            },
        ),
        (
            "INVALID_TOKEN",
            Claims {
                exp: Some(now - 1),
                jti: None,
                ..good.clone()
            },
        ),
        (
            "TOKEN_RENEW_FAILED",
            Claims {
                exp: Some(now - 1),
                ..good.clone()
            },
        ),
        (
            "TOKEN_RENEW_FAILED",
            Claims {
                iat: Some(now - 86_500),
                ..good.clone()
            },
        ),
        (
            "EXPIRED_SESSION",
            Claims {
                exp: Some(now - 90_000),
                ..good.clone()
            },
        ),
        (
            "EXPIRED_SESSION",
            Claims {
                sign_in_time: Some((now - 8 * 86_400) * 1000),
                ..good.clone()
            },
        ),
        (
            "ROLE_NOT_FOUND_FOR_USER",
            Claims {
                temp: None,
                role_name: Some("x".into()),
                ..good.clone()
            },
        ),
        (
            "",
            Claims {
                jti: None,
                ..good.clone()
            },
        ),
        (
            "",
            Claims {
                exp: None,
                ..good.clone()
            },
        ),
        (
            "",
            Claims {
                temp: None,
                role_name: Some("admin".into()),
                ..good.clone()
            },
        ),
    ] {
        assert_eq!(refusal(&app, &changed).await, expected, "{changed:?}");
    }
    let foreign = SigningKey::new(b"another key").sign(&good).unwrap();
    assert_eq!(
        app.browser().get_as(&foreign, CHECK).await.code(),
        "INVALID_TOKEN"
    );
}

#[actix_web::test]
async fn an_expired_token_is_renewed_and_requests_sent_together_agree() {
    let app = app().await;
    let mut browser = app.browser();
    let old = browser.sign_in_as_root().await;
    app.clock.advance(TimeDelta::days(1));
    let mut tabs: Vec<_> = (0..5).map(|_| app.browser()).collect();
    let answers =
        futures_util::future::join_all(tabs.iter_mut().map(|tab| tab.get_as(&old, CHECK))).await;
    let new = answers[0].header("x-new-token").to_owned();
    assert_ne!(new, old);
    for answer in &answers {
        assert_eq!(
            (answer.status.as_u16(), answer.header("x-new-token")),
            (200, new.as_str())
        );
    }
    assert_eq!(tabs[0].cookies["nb_auth_token_main"].1, new);
    let (before, after) = (key().read(&old).unwrap(), key().read(&new).unwrap());
    assert_eq!(after.sign_in_time, before.sign_in_time);
    assert_ne!(after.jti, before.jti);
    assert_eq!(browser.get_as(&new, CHECK).await.header("x-new-token"), "");
    app.clock.advance(TimeDelta::seconds(11));
    assert_eq!(
        browser.get_as(&old, CHECK).await.code(),
        "TOKEN_RENEW_FAILED"
    );
    // A request that fails after it was authorised carries the new token all the same.
    app.clock.advance(TimeDelta::days(1));
    let answer = browser.get_as(&new, "/api/authenticators:listTypes").await;
    assert_ne!(answer.header("x-new-token"), "");
}

#[actix_web::test]
async fn a_stream_cannot_carry_a_new_token() {
    let app = app().await;
    let mut browser = app.browser();
    let bearer = format!("Bearer {}", browser.sign_in_as_root().await);
    app.clock.advance(TimeDelta::days(1));
    let headers = [
        ("authorization", bearer.as_str()),
        ("accept", "text/event-stream"),
    ];
    assert_eq!(
        browser
            .send(Method::GET, CHECK, &headers, None)
            .await
            .code(),
        "SKIP_TOKEN_RENEW"
    );
}

#[actix_web::test]
async fn a_session_ends_after_a_week() {
    let app = app().await;
    let mut browser = app.browser();
    let mut token = browser.sign_in_as_root().await;
    for _ in 0..6 {
        app.clock.advance(TimeDelta::days(1));
        token = browser
            .get_as(&token, CHECK)
            .await
            .header("x-new-token")
            .to_owned();
    }
    app.clock
        .advance(TimeDelta::days(1) + TimeDelta::minutes(1));
    assert_eq!(
        browser.get_as(&token, CHECK).await.code(),
        "EXPIRED_SESSION"
    );
}

#[actix_web::test]
async fn signing_out_ends_the_token_for_everybody() {
    let app = app().await;
    let mut browser = app.browser();
    let token = browser.sign_in_as_root().await;
    let bearer = format!("Bearer {token}");
    let headers = [("authorization", bearer.as_str())];
    let answer = browser
        .send(Method::POST, "/api/auth:signOut", &headers, None)
        .await;
    assert_eq!((answer.status.as_u16(), answer.text.as_str()), (200, "{}"));
    assert!(browser.cookies.is_empty(), "{:?}", browser.cookies);
    assert_eq!(
        app.browser().get_as(&token, CHECK).await.code(),
        "BLOCKED_TOKEN"
    );
    let again = browser
        .send(Method::POST, "/api/auth:signOut", &headers, None)
        .await;
    assert_eq!(again.code(), "BLOCKED_TOKEN");
    assert_eq!(
        browser.post("/api/auth:signOut", json!({})).await.code(),
        "EMPTY_TOKEN"
    );
}

#[actix_web::test]
async fn cookies_can_be_had_for_a_token() {
    let app = app().await;
    let token = app.browser().sign_in_as_root().await;
    let mut browser = app.browser();
    let bearer = format!("Bearer {token}");
    let headers = [("authorization", bearer.as_str())];
    let answer = browser
        .send(Method::POST, "/api/auth:syncCookies", &headers, None)
        .await;
    assert_eq!(answer.json(), json!({"data": {"synced": true}}));
    assert_eq!(browser.cookies["nb_auth_token_main"].1, token);
    assert_eq!(browser.cookies.len(), 4);
}

#[actix_web::test]
async fn the_role_of_a_request_is_one_of_the_accounts_own() {
    let app = app().await;
    let mut browser = app.browser();
    let bearer = format!("Bearer {}", browser.sign_in_as_root().await);
    for (role, expected) in [("", "root"), ("member", "member"), ("__union__", "admin")] {
        let headers = [("authorization", bearer.as_str()), ("x-role", role)];
        let answer = app
            .browser()
            .send(Method::GET, "/api/roles:check", &headers, None)
            .await;
        assert_eq!(answer.json()["data"]["role"], expected, "{role}");
    }
    let headers = [("authorization", bearer.as_str()), ("x-role", "nobody")];
    let answer = browser
        .send(Method::GET, "/api/roles:check", &headers, None)
        .await;
    assert_eq!(
        (answer.status.as_u16(), answer.code().as_str()),
        (401, "ROLE_NOT_FOUND_FOR_USER")
    );
    // A member may not look at settings, whatever else the account may.
    let headers = [("authorization", bearer.as_str()), ("x-role", "member")];
    let answer = browser
        .send(Method::GET, "/api/authenticators:listTypes", &headers, None)
        .await;
    assert_eq!(
        (answer.status.as_u16(), answer.message().as_str()),
        (403, "No permissions")
    );
}

#[actix_web::test]
async fn a_token_that_was_signed_out_never_comes_back() {
    let app = app().await;
    let mut browser = app.browser();
    let token = browser.sign_in_as_root().await;
    browser
        .post_as(&token, "/api/auth:signOut", json!({}))
        .await;
    app.clock
        .advance(TimeDelta::days(1) + TimeDelta::minutes(1));
    // Entries that are past their end are thrown away once a day.
    let forgotten = app.server.app.sessions.forget_old(app.store()).await;
    assert_eq!(forgotten.unwrap(), 1);
    let answer = app.browser().get_as(&token, CHECK).await;
    assert_eq!(
        (answer.code().as_str(), answer.header("x-new-token")),
        ("TOKEN_RENEW_FAILED", "")
    );

    // An API key that never expires stays refused without an end.
    let api_key = Claims {
        temp: None,
        jti: None,
        exp: None,
        role_name: Some("admin".into()),
        ..app.claims(1)
    };
    let api_key = key().sign(&api_key).unwrap();
    assert_eq!(browser.get_as(&api_key, CHECK).await.status, 200);
    browser
        .post_as(&api_key, "/api/auth:signOut", json!({}))
        .await;
    app.clock.advance(TimeDelta::days(400));
    app.server
        .app
        .sessions
        .forget_old(app.store())
        .await
        .unwrap();
    assert_eq!(
        browser.get_as(&api_key, CHECK).await.code(),
        "BLOCKED_TOKEN"
    );
}

#[actix_web::test]
async fn a_renewed_token_reaches_the_client_whatever_came_of_the_request() {
    let app = app().await;
    for (path, role, status) in [
        ("/api/roles:check", "nobody", 401),
        ("/api/authenticators:list", "member", 403),
        ("/api/authenticators:update", "root", 400),
    ] {
        let mut browser = app.browser();
        let bearer = format!("Bearer {}", browser.sign_in_as_root().await);
        app.clock.advance(TimeDelta::days(1));
        let headers = [("authorization", bearer.as_str()), ("x-role", role)];
        let answer = browser
            .send(Method::POST, path, &headers, Some(json!({})))
            .await;
        assert_eq!(answer.status, status, "{path}");
        let renewed = answer.header("x-new-token").to_owned();
        assert_eq!(browser.get_as(&renewed, CHECK).await.status, 200, "{path}");
    }
}

#[actix_web::test]
async fn signing_out_leaves_nothing_that_replaces_an_old_token() {
    let app = app().await;
    let mut browser = app.browser();
    let old = browser.sign_in_as_root().await;
    app.clock.advance(TimeDelta::days(1));
    let answer = browser.post_as(&old, "/api/auth:signOut", json!({})).await;
    assert_eq!(
        (answer.status.as_u16(), answer.header("x-new-token")),
        (200, "")
    );
    assert!(browser.cookies.is_empty(), "{:?}", browser.cookies);
    assert_eq!(browser.get_as(&old, CHECK).await.code(), "BLOCKED_TOKEN");

    // Nor does the ten seconds' grace revive a session that was ended meanwhile.
    let old = browser.sign_in_as_root().await;
    app.clock.advance(TimeDelta::days(1));
    let new = browser
        .get_as(&old, CHECK)
        .await
        .header("x-new-token")
        .to_owned();
    browser.post_as(&new, "/api/auth:signOut", json!({})).await;
    assert_eq!(
        browser.get_as(&old, CHECK).await.code(),
        "TOKEN_RENEW_FAILED"
    );
}

/// Another tab renews the token, and this one signs out before it has heard of it.
#[actix_web::test]
async fn signing_out_with_a_token_that_was_renewed_ends_the_one_that_replaces_it() {
    let app = app().await;
    let mut browser = app.browser();
    let old = browser.sign_in_as_root().await;
    app.clock.advance(TimeDelta::hours(23));
    let of_another_device = app.browser().sign_in_as_root().await;
    app.clock.advance(TimeDelta::hours(1));
    let renewed = browser.get_as(&old, CHECK).await;
    let new = renewed.header("x-new-token").to_owned();
    assert_eq!(browser.get_as(&new, CHECK).await.status, 200);
    let out = browser.post_as(&old, "/api/auth:signOut", json!({})).await;
    assert_eq!(out.status, 200, "{}", out.text);
    assert_eq!(browser.get_as(&new, CHECK).await.code(), "BLOCKED_TOKEN");
    assert_eq!(browser.get_as(&old, CHECK).await.code(), "BLOCKED_TOKEN");
    let other = app.browser().get_as(&of_another_device, CHECK).await;
    assert_eq!(other.status, 200, "{}", other.text);
    // Nor does the new one come back when its time is over.
    app.clock.advance(TimeDelta::days(1));
    let later = browser.get_as(&new, CHECK).await;
    assert_eq!(
        (later.code().as_str(), later.header("x-new-token")),
        ("BLOCKED_TOKEN", "")
    );
}
