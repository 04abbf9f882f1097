//! The control API.

use dingtalk_sandbox::seed::{self, CLIENT_ID, CLIENT_SECRET};
use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{Fake, authorization_path};

#[tokio::test]
async fn refuses_what_it_cannot_do_and_says_why() {
    let fake = Fake::start();
    let url = format!("{}{}", fake.base, authorization_path(&[]));
    let elsewhere = format!(
        "{}{}",
        fake.base,
        authorization_path(&[("redirect_uri", "http://evil.example/")])
    );
    let unknown_field = json!({"authorizationUrl": url, "person": "lina", "sate": 1});
    let cases = [
        (
            "/sign-in",
            json!({"authorizationUrl": url}),
            400,
            "exactly one",
        ),
        (
            "/sign-in",
            json!({"authorizationUrl": url, "person": "lina", "deny": true}),
            400,
            "exactly one",
        ),
        (
            "/sign-in",
            json!({"authorizationUrl": url, "person": "nobody"}),
            400,
            "nobody",
        ),
        (
            "/sign-in",
            json!({"authorizationUrl": elsewhere, "person": "lina"}),
            400,
            "redirect URI",
        ),
        (
            "/sign-in",
            json!({"authorizationUrl": "no address", "person": "lina"}),
            400,
            "/oauth2/auth",
        ),
        (
            "/sign-in",
            json!({"authorizationUrl": fake.base, "person": "lina"}),
            400,
            "/oauth2/auth",
        ),
        ("/sign-in", unknown_field, 400, "sate"),
        (
            "/codes",
            json!({"person": "nobody", "kind": "oauth"}),
            404,
            "nobody",
        ),
        (
            "/codes",
            json!({"person": "lina", "kind": "magic"}),
            400,
            "magic",
        ),
        (
            "/codes",
            json!({"person": "lina", "kind": "oauth", "clientId": "dingunknown"}),
            404,
            "app",
        ),
        (
            "/codes",
            json!({"person": "zhoujie", "kind": "jsapi"}),
            400,
            "employees",
        ),
        ("/clock", json!({"advanceSeconds": -1}), 400, "-1"),
        ("/nothing", json!({}), 404, "no such call"),
    ];
    for (path, body, status, reason) in cases {
        let answer = fake.post(&format!("/_sandbox{path}"), body.clone()).await;
        assert_eq!(answer.status, status, "{path} {body}: {}", answer.text);
        let error = answer.json()["error"].as_str().unwrap().to_owned();
        assert!(error.contains(reason), "{path} {body}: {error}");
    }
}

#[tokio::test]
async fn people_can_be_changed_field_by_field() {
    let fake = Fake::start();
    fake.patch(
        "lina",
        json!({"mobile": null, "userid": "user-new", "personal": {"nick": "Lina"}}),
    )
    .await;
    let people = fake.control(Method::GET, "/people", json!(null)).await;
    let lina = people
        .as_array()
        .unwrap()
        .iter()
        .find(|it| it["id"] == "lina")
        .unwrap();
    assert_eq!(
        (&lina["userid"], &lina["mobile"]),
        (&json!("user-new"), &json!(null))
    );
    assert_eq!(
        lina["personal"]["mobile"], "13800000002",
        "the rest of a nested part stays"
    );
    let details = fake
        .old("/topapi/v2/user/get", json!({"userid": "user-new"}))
        .await
        .json();
    assert_eq!(details["result"].get("mobile"), None);
    assert_eq!(details["result"]["unionid"], "union-lina");
    let page = fake.get(&authorization_path(&[])).await.text;
    assert_eq!(
        page.matches("<span class=\"badge\">no phone</span>")
            .count(),
        2
    );
}

#[tokio::test]
async fn a_change_that_makes_no_person_is_refused_whole() {
    let fake = Fake::start();
    let cases = [
        ("lina", json!({"mobile": null, "phone": "1"}), 400),
        ("lina", json!({"mobile": null, "active": null}), 400),
        ("lina", json!({"mobile": null, "id": "other"}), 400),
        ("lina", json!({"mobile": null, "standing": "boss"}), 400),
        ("nobody", json!({"mobile": null}), 404),
    ];
    for (person, patch, status) in cases {
        let path = format!("/_sandbox/people/{person}");
        let answer = fake
            .send(fake.request(Method::PATCH, &path).json(&patch))
            .await;
        assert_eq!(answer.status, status, "{patch}: {}", answer.text);
    }
    let details = fake
        .old("/topapi/v2/user/get", json!({"userid": "user-lina"}))
        .await
        .json();
    assert_eq!(details["result"]["mobile"], "13800000002");
}

#[tokio::test]
async fn apps_can_be_changed_and_added() {
    let fake = Fake::start();
    let path = "/_sandbox/apps/dingsecond";
    let put = |body: Value| fake.send(fake.request(Method::PUT, path).json(&body));
    assert_eq!(
        put(json!({"clientSecret": "secret"})).await.status,
        400,
        "no organization"
    );
    let wrong_uri = json!({"clientSecret": "s", "corpId": "c", "redirectUris": ["/callback"]});
    assert_eq!(put(wrong_uri).await.status, 400, "no redirect URI");
    assert_eq!(
        put(json!({"secret": "s"})).await.status,
        400,
        "unknown field"
    );

    let second = json!({"clientSecret": "secret", "corpId": seed::OTHER_CORP_ID});
    let created = put(second).await;
    assert_eq!(created.status, 200);
    assert!(!created.text.contains("secret"), "{}", created.text);
    let token = fake
        .get("/gettoken?appkey=dingsecond&appsecret=secret")
        .await
        .json();
    let path = format!(
        "/topapi/user/getbyunionid?access_token={}",
        token["access_token"].as_str().unwrap()
    );
    // Seen from there, the roles are reversed.
    assert_eq!(
        fake.post(&path, json!({"unionid": "union-emma"}))
            .await
            .reason(),
        "0"
    );
    assert_eq!(
        fake.post(&path, json!({"unionid": "union-lina"}))
            .await
            .reason(),
        "60121"
    );

    fake.set_app(json!({"clientSecret": "changed"})).await;
    let old_secret = format!("/gettoken?appkey={CLIENT_ID}&appsecret={CLIENT_SECRET}");
    assert_eq!(fake.get(&old_secret).await.reason(), "40096");
}

#[tokio::test]
async fn requests_are_counted_without_what_is_secret_in_them() {
    let fake = Fake::start();
    let code = fake.code("lina", "oauth").await;
    fake.exchange(&code).await;
    fake.exchange(&code).await;
    let token = fake.app_token().await;
    fake.app_token().await;
    fake.get("/xyz?secret=1").await;
    let log = fake.control(Method::GET, "/requests", json!(null)).await;
    let row = |method: &str, path: &str, status: u16, count: u64| json!({"method": method, "path": path, "status": status, "count": count});
    assert_eq!(
        log,
        json!([
            row("POST", "/v1.0/oauth2/userAccessToken", 200, 1),
            row("POST", "/v1.0/oauth2/userAccessToken", 400, 1),
            row("GET", "/gettoken", 200, 2),
            row("GET", "/xyz", 200, 1),
        ])
    );
    for secret in [CLIENT_SECRET, &code, &token] {
        assert!(!log.to_string().contains(secret));
    }
    fake.control(Method::DELETE, "/requests", json!(null)).await;
    assert_eq!(
        fake.control(Method::GET, "/requests", json!(null)).await,
        json!([])
    );
}

#[tokio::test]
async fn injected_faults_are_logged_like_any_answer() {
    let fake = Fake::start();
    let fault = json!({"endpoint": "/gettoken", "fault": "status500"});
    fake.control(Method::POST, "/faults", fault).await;
    fake.get("/gettoken").await;
    let log = fake.control(Method::GET, "/requests", json!(null)).await;
    assert_eq!(log[0]["status"], 500);
}

#[tokio::test]
async fn reset_brings_the_seed_back() {
    let fake = Fake::start();
    let token = fake.user_token("lina").await;
    let code = fake.code("lina", "oauth").await;
    let fault = json!({"endpoint": "/gettoken", "fault": "status500", "times": null});
    fake.control(Method::POST, "/faults", fault).await;
    fake.patch("lina", json!({"name": "Changed"})).await;
    fake.set_app(json!({"clientSecret": "changed"})).await;
    let later = fake
        .control(Method::POST, "/clock", json!({"advanceSeconds": 100_000}))
        .await;

    fake.control(Method::POST, "/reset", json!(null)).await;

    let now = fake
        .control(Method::POST, "/clock", json!({"advanceSeconds": 0}))
        .await;
    assert!(now["now"].as_i64() < later["now"].as_i64());
    assert_eq!(
        fake.control(Method::GET, "/requests", json!(null)).await,
        json!([])
    );
    assert_eq!(
        fake.profile(&token, "me").await.reason(),
        "InvalidAuthentication"
    );
    assert_eq!(
        fake.exchange(&code).await.reason(),
        "invalidParameter.authCode.notFound"
    );
    let details = fake
        .old("/topapi/v2/user/get", json!({"userid": "user-lina"}))
        .await
        .json();
    assert_eq!(details["result"]["name"], "李娜");
}
