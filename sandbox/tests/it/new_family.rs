//! How the new family refuses.

use dingtalk_sandbox::seed::{CLIENT_ID, CLIENT_SECRET, CORP_ID, OTHER_CORP_ID};
use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{Answer, Fake};

const USER_TOKEN: &str = "/v1.0/oauth2/userAccessToken";
const APP_TOKEN: &str = "/v1.0/oauth2/accessToken";

/// A refusal has this status and code, a request id, and a message.
fn assert_refused(answer: &Answer, status: u16, code: &str, what: &str) {
    assert_eq!(
        (answer.status, answer.reason().as_str()),
        (status, code),
        "{what}: {}",
        answer.text
    );
    let body = answer.json();
    let id = body["requestid"].as_str().unwrap();
    assert!(
        id.len() == 36 && !id.contains(|it: char| it.is_ascii_lowercase()),
        "{what}: {id}"
    );
    assert!(!body["message"].as_str().unwrap().is_empty(), "{what}");
    assert_eq!(answer.headers["server"], "DingTalk/1.0.0", "{what}");
}

#[tokio::test]
async fn unknown_actions_and_wrong_methods_are_not_found() {
    let fake = Fake::start();
    let cases = [
        (Method::GET, "/v1.0/nothing"),
        (Method::POST, "/v1.0/contact/users/me"),
        (Method::GET, USER_TOKEN),
        (Method::PUT, APP_TOKEN),
        (Method::GET, "/v1.0/oauth2/dingsandboxcorp/token"),
        (Method::GET, "/v2.0/oauth2/userAccessToken"),
    ];
    for (method, path) in cases {
        let answer = fake.send(fake.request(method, path)).await;
        assert_refused(&answer, 404, "InvalidAction.NotFound", path);
    }
}

#[tokio::test]
async fn a_body_must_be_json() {
    let fake = Fake::start();
    let form = format!("clientId={CLIENT_ID}&clientSecret={CLIENT_SECRET}");
    for path in [USER_TOKEN, APP_TOKEN, "/v1.0/oauth2/dingsandboxcorp/token"] {
        let answers = [
            fake.send(fake.request(Method::POST, path)).await,
            fake.post_form(path, &form).await,
            fake.post(path, json!(["no object"])).await,
            fake.send(
                fake.request(Method::POST, path)
                    .header("content-type", "application/json")
                    .body("{"),
            )
            .await,
        ];
        for answer in answers {
            assert_refused(&answer, 400, "Missingbody", path);
        }
    }
}

#[tokio::test]
async fn fields_are_asked_for_in_turn_and_credentials_come_before_the_code() {
    let fake = Fake::start();
    let good = json!({
        "clientId": CLIENT_ID, "clientSecret": CLIENT_SECRET,
        "code": "unknown", "grantType": "authorization_code",
    });
    let cases = [
        ("clientId", json!(null), "MissingclientId"),
        ("clientId", json!(""), "MissingclientId"),
        ("clientSecret", json!(null), "MissingclientSecret"),
        ("grantType", json!(null), "MissinggrantType"),
        ("code", json!(null), "Missingcode"),
        ("grantType", json!("refresh_token"), "MissingrefreshToken"),
        ("grantType", json!("password"), "invalidParameter"),
        ("clientId", json!("dingunknown"), "invalidClientIdOrSecret"),
        ("clientSecret", json!("wrong"), "invalidClientIdOrSecret"),
        (
            "code",
            json!("unknown"),
            "invalidParameter.authCode.notFound",
        ),
    ];
    for (field, value, code) in cases {
        let mut body = good.clone();
        body[field] = value;
        let answer = fake.post(USER_TOKEN, body).await;
        assert_refused(&answer, 400, code, field);
    }
    let snake_case = json!({"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET});
    assert_refused(
        &fake.post(USER_TOKEN, snake_case).await,
        400,
        "MissingclientId",
        "snake_case",
    );
}

#[tokio::test]
async fn app_tokens_are_refused_with_the_words_of_each_spelling() {
    let fake = Fake::start();
    let plain = |key: &str, secret: &str| json!({"appKey": key, "appSecret": secret});
    let organised = |client: &str, secret: &str, grant: &str| json!({"client_id": client, "client_secret": secret, "grant_type": grant});
    let grant = "client_credentials";
    let own = format!("/v1.0/oauth2/{CORP_ID}/token");
    let other = format!("/v1.0/oauth2/{OTHER_CORP_ID}/token");
    let unknown = "/v1.0/oauth2/dingunknown/token".to_owned();
    let cases: [(&str, Value, u16, &str); 10] = [
        (APP_TOKEN, json!({"appSecret": "x"}), 400, "MissingappKey"),
        (APP_TOKEN, json!({"appKey": "x"}), 400, "MissingappSecret"),
        (
            APP_TOKEN,
            plain("dingunknown", CLIENT_SECRET),
            400,
            "invalidClientIdOrSecret",
        ),
        (
            APP_TOKEN,
            plain(CLIENT_ID, "wrong"),
            400,
            "invalidClientIdOrSecret",
        ),
        (&own, json!({}), 400, "Missingclient_id"),
        (
            &own,
            organised(CLIENT_ID, "wrong", grant),
            400,
            "invalid.client",
        ),
        (
            &own,
            organised("dingunknown", CLIENT_SECRET, grant),
            400,
            "invalid.client",
        ),
        (
            &own,
            organised(CLIENT_ID, CLIENT_SECRET, "password"),
            400,
            "unsupported.grant.type",
        ),
        (
            &other,
            organised(CLIENT_ID, CLIENT_SECRET, grant),
            401,
            "unauthorized.client",
        ),
        (
            &unknown,
            organised(CLIENT_ID, CLIENT_SECRET, grant),
            500,
            "unknownError",
        ),
    ];
    for (path, body, status, code) in cases {
        let answer = fake.post(path, body).await;
        assert_refused(&answer, status, code, path);
    }
}

#[tokio::test]
async fn a_profile_needs_a_persons_token_in_the_header() {
    let fake = Fake::start();
    let token = fake.user_token("zhangwei").await;
    let missing = "AuthenticationFailed.MissingParameter";
    let bare = fake.get("/v1.0/contact/users/me").await;
    assert_refused(&bare, 400, missing, "no token");
    let in_query = fake
        .get(&format!("/v1.0/contact/users/me?access_token={token}"))
        .await;
    assert_refused(&in_query, 400, missing, "token in the query");
    let bearer = fake
        .request(Method::GET, "/v1.0/contact/users/me")
        .bearer_auth(&token);
    assert_refused(&fake.send(bearer).await, 400, missing, "bearer token");
    assert_refused(
        &fake.profile("wrong", "me").await,
        400,
        "InvalidAuthentication",
        "wrong token",
    );
    let app_token = fake.app_token().await;
    assert_refused(
        &fake.profile(&app_token, "me").await,
        400,
        "InvalidAuthentication",
        "app token",
    );
    let other = fake.profile(&token, "union-lina").await;
    assert_refused(
        &other,
        404,
        "invalidParameter.user.notFound",
        "somebody else",
    );
}

#[tokio::test]
async fn a_missing_permission_is_named() {
    let fake = Fake::start();
    let token = fake.user_token("zhangwei").await;
    fake.set_app(json!({"permissions": []})).await;
    let answer = fake.profile(&token, "me").await;
    let code = "Forbidden.AccessDenied.AccessTokenPermissionDenied";
    assert_refused(&answer, 403, code, "permission");
    let scopes = &answer.json()["accessdenieddetail"]["requiredScopes"];
    assert_eq!(*scopes, json!(["Contact.User.Read"]));
    // The token is looked at before the permission, the permission before the person.
    assert_eq!(
        fake.profile("wrong", "me").await.reason(),
        "InvalidAuthentication"
    );
    assert_eq!(fake.profile(&token, "union-lina").await.reason(), code);
}
