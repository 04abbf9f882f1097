//! The life of codes and tokens.

use std::collections::BTreeSet;

use dingtalk_sandbox::seed::{CLIENT_ID, CLIENT_SECRET, CORP_ID, OTHER_CORP_ID};
use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{Answer, Fake, authorization_path, parameter};

const USED_UP: &str = "invalidParameter.authCode.notFound";

async fn refresh(fake: &Fake, token: &Value) -> Answer {
    let body = json!({
        "clientId": CLIENT_ID, "clientSecret": CLIENT_SECRET,
        "refreshToken": token, "grantType": "refresh_token",
    });
    fake.post("/v1.0/oauth2/userAccessToken", body).await
}

#[tokio::test]
async fn a_code_works_once() {
    let fake = Fake::start();
    let code = fake.code("zhangwei", "oauth").await;
    assert_eq!(fake.exchange(&code).await.status, 200);
    let again = fake.exchange(&code).await;
    assert_eq!((again.status, again.reason().as_str()), (400, USED_UP));
}

#[tokio::test]
async fn a_code_lives_for_five_minutes() {
    let fake = Fake::start();
    let [in_time, late] = [
        fake.code("lina", "oauth").await,
        fake.code("lina", "oauth").await,
    ];
    // A minute less than allowed: the sandbox's clock goes on while the test runs.
    fake.advance(240).await;
    assert_eq!(fake.exchange(&in_time).await.status, 200);
    fake.advance(60).await;
    assert_eq!(fake.exchange(&late).await.reason(), USED_UP);
}

#[tokio::test]
async fn a_refused_exchange_does_not_use_up_the_code() {
    let fake = Fake::start();
    let other_app = json!({"clientSecret": "other-secret", "corpId": OTHER_CORP_ID});
    let code = fake.code("zhangwei", "oauth").await;
    fake.control(Method::PUT, "/apps/dingotherapp", other_app)
        .await;
    let cases = [
        (CLIENT_ID, "wrong", "invalidClientIdOrSecret"),
        ("dingotherapp", "other-secret", USED_UP),
    ];
    for (client, secret, reason) in cases {
        let body = json!({
            "clientId": client, "clientSecret": secret,
            "code": code, "grantType": "authorization_code",
        });
        assert_eq!(
            fake.post("/v1.0/oauth2/userAccessToken", body)
                .await
                .reason(),
            reason
        );
    }
    assert_eq!(
        fake.old("/topapi/v2/user/getuserinfo", json!({"code": code}))
            .await
            .reason(),
        "40078"
    );
    assert_eq!(fake.exchange(&code).await.status, 200);
}

#[tokio::test]
async fn an_in_app_code_is_none_of_the_login_page() {
    let fake = Fake::start();
    let code = fake.code("zhangwei", "jsapi").await;
    assert_eq!(fake.exchange(&code).await.reason(), USED_UP);
}

#[tokio::test]
async fn the_organization_is_told_only_with_its_scope() {
    let fake = Fake::start();
    let cases = [
        ("openid", "zhangwei", None),
        ("openid corpid", "zhangwei", Some(CORP_ID)),
        ("openid corpid", "emma", Some(OTHER_CORP_ID)),
    ];
    for (scope, person, corp_id) in cases {
        let path = authorization_path(&[("scope", scope)]);
        let location = fake
            .post_form(&path, &format!("person={person}"))
            .await
            .location
            .unwrap();
        let answer = fake
            .exchange(&parameter(&location, "code").unwrap())
            .await
            .json();
        let keys: BTreeSet<_> = answer
            .as_object()
            .unwrap()
            .keys()
            .map(String::as_str)
            .collect();
        let expected = if corp_id.is_some() {
            BTreeSet::from(["accessToken", "corpId", "expireIn", "refreshToken"])
        } else {
            BTreeSet::from(["accessToken", "expireIn", "refreshToken"])
        };
        assert_eq!(keys, expected, "{scope}");
        assert_eq!(answer["expireIn"], 7200);
        assert_eq!(answer.get("corpId").and_then(Value::as_str), corp_id);
    }
}

#[tokio::test]
async fn a_persons_token_lives_for_two_hours() {
    let fake = Fake::start();
    let token = fake.user_token("zhangwei").await;
    fake.advance(7140).await;
    assert_eq!(fake.profile(&token, "me").await.status, 200);
    fake.advance(60).await;
    let expired = fake.profile(&token, "me").await;
    assert_eq!(
        (expired.status, expired.reason().as_str()),
        (400, "accesstoken.expired")
    );
}

#[tokio::test]
async fn refreshing_prolongs_a_valid_token_and_replaces_an_expired_one() {
    let fake = Fake::start();
    let code = fake.code("zhangwei", "oauth").await;
    let first = fake.exchange(&code).await.json();
    fake.advance(7000).await;
    let prolonged = refresh(&fake, &first["refreshToken"]).await.json();
    assert_eq!(prolonged["accessToken"], first["accessToken"]);
    fake.advance(7000).await;
    assert_eq!(
        fake.profile(first["accessToken"].as_str().unwrap(), "me")
            .await
            .status,
        200
    );
    fake.advance(200).await;
    let replaced = refresh(&fake, &first["refreshToken"]).await.json();
    assert_ne!(replaced["accessToken"], first["accessToken"]);
    assert_eq!(
        fake.profile(replaced["accessToken"].as_str().unwrap(), "me")
            .await
            .status,
        200
    );
    fake.advance(30 * 24 * 3600).await;
    assert_eq!(
        refresh(&fake, &replaced["refreshToken"]).await.reason(),
        USED_UP
    );
}

#[tokio::test]
async fn an_app_gets_the_same_token_in_every_spelling_until_it_expires() {
    let fake = Fake::start();
    let plain = json!({"appKey": CLIENT_ID, "appSecret": CLIENT_SECRET});
    let organised = json!({
        "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, "grant_type": "client_credentials",
    });
    let first = fake.post("/v1.0/oauth2/accessToken", plain).await.json();
    assert_eq!(first["expireIn"], 7200);
    let second = fake
        .post(&format!("/v1.0/oauth2/{CORP_ID}/token"), organised)
        .await
        .json();
    assert_eq!(second["expires_in"], 7200);
    assert_eq!(second["access_token"], first["accessToken"]);
    let token = fake.app_token().await;
    assert_eq!(first["accessToken"], *token);

    // Each call renews it: it outlives its first two hours.
    fake.advance(7000).await;
    assert_eq!(fake.app_token().await, token);
    fake.advance(7000).await;
    let path = format!("/topapi/user/getbyunionid?access_token={token}");
    let known = json!({"unionid": "union-lina"});
    assert_eq!(fake.post(&path, known.clone()).await.reason(), "0");

    fake.advance(200).await;
    assert_eq!(fake.post(&path, known.clone()).await.reason(), "42001");
    assert_ne!(fake.app_token().await, token);
    assert_eq!(fake.post(&path, known).await.reason(), "40014");
}

#[tokio::test]
async fn revoked_tokens_are_unknown_and_new_ones_work() {
    let fake = Fake::start();
    let [person, app] = [fake.user_token("zhangwei").await, fake.app_token().await];
    fake.control(Method::POST, "/tokens/revoke", json!(null))
        .await;
    assert_eq!(
        fake.profile(&person, "me").await.reason(),
        "InvalidAuthentication"
    );
    let path = format!("/topapi/user/getbyunionid?access_token={app}");
    assert_eq!(
        fake.post(&path, json!({"unionid": "union-lina"}))
            .await
            .reason(),
        "40014"
    );
    let answer = fake
        .old(
            "/topapi/user/getbyunionid",
            json!({"unionid": "union-lina"}),
        )
        .await;
    assert_eq!(answer.reason(), "0");
}
