//! Authorization codes of another app, and several codes at once.

use reqwest::Method;
use serde_json::{Value, json};
use url::Url;

use super::sign_up;
use crate::support::TestApp;

const SIGN_IN: &str = "/api/auth:signIn";
const USER_TOKEN: &str = "/v1.0/oauth2/userAccessToken";

fn query_of(url: &str, name: &str) -> String {
    let url = Url::parse(url).unwrap();
    let (_, value) = url.query_pairs().find(|(key, _)| key == name).unwrap();
    value.into_owned()
}

#[actix_web::test]
async fn a_code_of_another_app_signs_nobody_in() {
    let app = TestApp::with_options(sign_up()).await;
    let other =
        json!({"clientSecret": "another-secret", "corpId": dingtalk_sandbox::seed::CORP_ID});
    let codes = app.sandbox.url().join("_sandbox/codes").unwrap();
    let apps = app.sandbox.url().join("_sandbox/apps/dingevil").unwrap();
    let mut browser = app.browser();
    let made = browser
        .send(Method::PUT, apps.as_str(), &[], Some(other))
        .await;
    assert_eq!(made.status, 200, "{}", made.text);
    let asked = json!({"person": "lina", "kind": "oauth", "clientId": "dingevil"});
    let code = browser.post(codes.as_str(), asked).await.json()["code"].clone();
    let code = code.as_str().unwrap();

    let url = browser.begin(Value::Null).await;
    let state = query_of(&url, "state");
    let path = format!("/api/dingtalk:redirect?code={code}&authCode={code}&state={state}");
    let answer = browser.get(&path).await;
    assert_eq!(answer.failure().as_deref(), Some("DINGTALK_CODE_REJECTED"));
    let headers = [("x-authenticator", "dingtalk")];
    let body = Some(json!({"authCode": code}));
    let answer = browser.send(Method::POST, SIGN_IN, &headers, body).await;
    assert_eq!(answer.code(), "DINGTALK_CODE_REJECTED");
}

#[actix_web::test]
async fn of_a_code_that_comes_many_times_at_once_one_gets_in() {
    let app = TestApp::with_options(sign_up()).await;
    let code = app.sandbox.code("lina", "oauth").await;
    let mut thieves: Vec<_> = (0..8).map(|_| app.browser()).collect();
    let answers = futures_util::future::join_all(thieves.iter_mut().map(|thief| {
        let headers = [("x-authenticator", "dingtalk")];
        let body = Some(json!({"authCode": code}));
        async move { thief.send(Method::POST, SIGN_IN, &headers, body).await }
    }))
    .await;
    let in_: Vec<_> = answers
        .iter()
        .filter(|answer| answer.status == 200)
        .collect();
    assert_eq!(in_.len(), 1);
    let refused = answers.iter().filter(|answer| answer.status != 200);
    for answer in refused {
        assert_eq!(answer.code(), "DINGTALK_CODE_REJECTED");
    }
    // Each code was tried once, because a code is never sent again.
    assert_eq!(app.sandbox.calls(USER_TOKEN).await, 8);
}
