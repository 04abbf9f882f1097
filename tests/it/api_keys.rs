//! Tokens for programs.

use chrono::TimeDelta;
use nocobase_dingtalk::domain::session::SigningKey;
use serde_json::{Value, json};

use crate::support::TestApp;

const CREATE: &str = "/api/apiKeys:create";
const FLAGS: [&str; 1] = ["--app-key=the-key-of-this-test"];

fn key(role: &str, expires_in: impl Into<Value>) -> Value {
    json!({"name": "k1", "role": {"name": role}, "expiresIn": expires_in.into()})
}

#[actix_web::test]
async fn a_program_acts_with_the_role_of_its_key_until_the_key_goes() {
    let app = TestApp::with_flags(&FLAGS, json!({})).await;
    let mut browser = app.browser();
    let root = app.root_token().await;
    let answer = browser.post_as(&root, CREATE, key("member", "1d")).await;
    let token = answer.json()["data"]["token"].as_str().unwrap().to_owned();
    let claims = SigningKey::new(b"the-key-of-this-test")
        .read(&token)
        .unwrap();
    assert_eq!(
        (claims.user_id, claims.role_name.as_deref()),
        (Some(1), Some("member"))
    );
    assert_eq!(
        (claims.temp, claims.jti, claims.sign_in_time),
        (None, None, None)
    );
    assert_eq!(claims.exp.unwrap() - claims.iat.unwrap(), 86_400);

    let check = browser.get_as(&token, "/api/roles:check?x=1").await;
    assert_eq!(check.json()["data"]["role"], "member");

    let list = browser.get_as(&root, "/api/apiKeys").await;
    let row = &list.json()["data"][0];
    let keys: Vec<_> = row.as_object().unwrap().keys().cloned().collect();
    assert_eq!(
        keys,
        [
            "id",
            "createdAt",
            "name",
            "roleName",
            "expiresIn",
            "createdById"
        ]
    );
    assert_eq!(
        list.json()["meta"],
        json!({"count": 1, "page": 1, "pageSize": 20, "totalPage": 1})
    );
    assert!(!list.text.contains(&token));

    let destroyed = browser
        .post_as(&root, "/api/apiKeys:destroy?filterByTk=1", json!({}))
        .await;
    assert_eq!(destroyed.json(), json!({"data": 1}));
    assert_eq!(
        browser.get_as(&token, "/api/auth:check").await.code(),
        "BLOCKED_TOKEN"
    );
    for gone in ["1", "9999", "x"] {
        let path = format!("/api/apiKeys:destroy?filterByTk={gone}");
        assert_eq!(
            browser.post_as(&root, &path, json!({})).await.json(),
            json!({"data": 0})
        );
    }
    let none = browser
        .post_as(&root, "/api/apiKeys:destroy", json!({}))
        .await;
    assert_eq!(none.status, 400);
}

#[actix_web::test]
async fn a_key_lasts_as_long_as_it_says() {
    let app = TestApp::with_flags(&FLAGS, json!({})).await;
    let mut browser = app.browser();
    let root = app.root_token().await;
    for (expires_in, seconds) in [
        (json!("30d"), 30 * 86_400),
        (json!(60), 60),
        (json!("never"), 31_557_600_000_i64),
    ] {
        let answer = browser
            .post_as(&root, CREATE, key("admin", expires_in))
            .await;
        let token = answer.json()["data"]["token"]
            .as_str()
            .expect(&answer.text)
            .to_owned();
        let claims = SigningKey::new(b"the-key-of-this-test")
            .read(&token)
            .unwrap();
        assert_eq!(claims.exp.unwrap() - claims.iat.unwrap(), seconds);
        assert_eq!(browser.get_as(&token, "/api/auth:check").await.status, 200);
    }
    let answer = browser.post_as(&root, CREATE, key("admin", "1h")).await;
    let token = answer.json()["data"]["token"].as_str().unwrap().to_owned();
    app.clock.advance(TimeDelta::hours(1));
    assert_eq!(
        browser.get_as(&token, "/api/auth:check").await.code(),
        "INVALID_TOKEN"
    );
    for wrong in [
        Value::Null,
        json!("abc"),
        json!(0),
        json!("0"),
        json!(-5),
        json!({}),
    ] {
        let answer = browser
            .post_as(&root, CREATE, key("admin", wrong.clone()))
            .await;
        assert_eq!(answer.status, 400, "{wrong}");
        assert_eq!(
            answer.message(),
            "The lifetime of the API key is not a time span"
        );
    }
}

#[actix_web::test]
async fn nobody_makes_a_key_stronger_than_themselves() {
    let app = TestApp::start().await;
    let form = json!({"username": "ada", "password": "pw", "confirm_password": "pw"});
    app.browser().post("/api/auth:signUp", form).await;
    let mut browser = app.browser();
    let token = browser.sign_in_as("ada", "pw").await;
    let member = browser.post_as(&token, CREATE, key("member", "1d")).await;
    assert_eq!(
        (member.status.as_u16(), member.message().as_str()),
        (403, "No permissions")
    );
    assert_eq!(browser.get_as(&token, "/api/apiKeys").await.status, 403);
    assert_eq!(browser.get("/api/apiKeys").await.code(), "EMPTY_TOKEN");

    app.store()
        .grant_role(2, "admin", Some(true))
        .await
        .unwrap();
    // The browser still has the cookie of the role.
    browser.cookies.clear();
    for role in [json!({"name": "root"}), json!({"name": "zzz"}), Value::Null] {
        let body = json!({"name": "k", "role": role, "expiresIn": "1d"});
        let answer = browser.post_as(&token, CREATE, body).await;
        assert_eq!(
            (answer.status.as_u16(), answer.message().as_str()),
            (400, "Role not found")
        );
    }
    // The keys of others can be neither seen nor removed.
    let root = app.root_token().await;
    let answer = app
        .browser()
        .post_as(&root, CREATE, key("root", "1d"))
        .await;
    let key_of_root = answer.json()["data"]["token"].as_str().unwrap().to_owned();
    assert_eq!(
        browser.get_as(&token, "/api/apiKeys").await.json()["data"],
        json!([])
    );
    let answer = browser
        .post_as(&token, "/api/apiKeys:destroy/1", json!({}))
        .await;
    assert_eq!(answer.json(), json!({"data": 0}));
    assert_eq!(
        app.browser()
            .get_as(&key_of_root, "/api/auth:check")
            .await
            .status,
        200
    );
}

#[actix_web::test]
async fn a_key_makes_no_key_of_a_stronger_role() {
    let app = TestApp::start().await;
    let root = app.root_token().await;
    let form = |role: &str| json!({"name": "k", "role": {"name": role}, "expiresIn": "1d"});
    let made = app
        .browser()
        .post_as(&root, "/api/apiKeys:create", form("admin"))
        .await;
    let key = made.json()["data"]["token"].as_str().unwrap().to_owned();
    let refused = app
        .browser()
        .post_as(&key, "/api/apiKeys:create", form("root"))
        .await;
    assert_eq!(
        (refused.status.as_u16(), refused.message().as_str()),
        (400, "Role not found")
    );
    let weaker = app
        .browser()
        .post_as(&key, "/api/apiKeys:create", form("admin"))
        .await;
    assert_eq!(weaker.status, 200);
}

#[actix_web::test]
async fn a_key_makes_none_that_outlives_it_and_sees_and_removes_none_of_another_role() {
    let app = TestApp::with_flags(&FLAGS, json!({})).await;
    app.clock.stop();
    let root = app.root_token().await;
    let make = async |token: &str, form: Value| {
        let made = app.browser().post_as(token, CREATE, form).await;
        let key = made.json()["data"]["token"].as_str().map(str::to_owned);
        key.expect(&made.text)
    };
    let stronger = make(&root, key("root", "never")).await;
    let short = make(&root, key("admin", "1h")).await;
    let claims = |token: &str| {
        SigningKey::new(b"the-key-of-this-test")
            .read(token)
            .unwrap()
    };
    let end = claims(&short).exp.unwrap();
    app.clock.advance(TimeDelta::minutes(10));
    for expires_in in [json!("never"), json!("30d"), json!(7_200)] {
        let made = make(&short, key("admin", expires_in.clone())).await;
        let made = claims(&made).exp.unwrap();
        // Lifetimes are whole seconds.
        assert!(
            (end - 1..=end).contains(&made),
            "{expires_in}: {made} {end}"
        );
    }
    let shorter = make(&short, key("admin", "10m")).await;
    let shorter = claims(&shorter);
    assert_eq!(shorter.exp.unwrap() - shorter.iat.unwrap(), 600);

    let any = json!({"$or": [{"id.$gt": 0}, {"roleName": "root"}]});
    for path in [
        "/api/apiKeys".to_owned(),
        format!("/api/apiKeys?filter={any}"),
    ] {
        let list = app.browser().get_as(&short, &path).await.json();
        assert_eq!(list["meta"]["count"], 5, "{list}");
        let rows = list["data"].as_array().unwrap();
        assert!(rows.iter().all(|row| row["roleName"] == "admin"), "{list}");
    }
    let list = app.browser().get_as(&root, "/api/apiKeys").await.json();
    assert_eq!(list["meta"]["count"], 6, "{list}");
    for (id, removed) in [(1, 0), (6, 1)] {
        let path = format!("/api/apiKeys:destroy?filterByTk={id}");
        let answer = app.browser().post_as(&short, &path, json!({})).await;
        assert_eq!(answer.json(), json!({"data": removed}), "{id}");
    }
    let check = app.browser().get_as(&stronger, "/api/auth:check").await;
    assert_eq!(check.status, 200, "{}", check.text);
}
