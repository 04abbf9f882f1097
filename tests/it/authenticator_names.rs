//! Names of authenticators, which requests carry in a header.

use nocobase_dingtalk::store::{AuthenticatorValues, STRING_CHARACTERS};
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};

use crate::support::nocobase::{answer, nocobase};
use crate::support::{Place, TestApp, TestGateway, in_dialect};

const CREATE: &str = "/api/authenticators:create";
const RULE: &str = "Name may only contain a-z, A-Z, 0-9, _ and -";
const BAD: [&str; 7] = ["钉钉登录", "a/b", "dt;x", "a b", "é", "a.b", " dt"];

fn ding(name: &str) -> Value {
    json!({
        "name": name, "authType": "dingtalk", "enabled": true,
        "options": {"clientId": "ding1", "clientSecret": "s"},
    })
}

#[actix_web::test]
async fn a_new_name_is_one_that_a_header_carries() {
    let app = TestApp::start().await;
    let root = app.root_token().await;
    for name in BAD {
        for auth_type in ["dingtalk", "Email/Password"] {
            let mut body = ding(name);
            body["authType"] = json!(auth_type);
            let answer = app.browser().post_as(&root, CREATE, body).await;
            let told = (answer.status.as_u16(), answer.message());
            assert_eq!(told, (400, RULE.to_owned()), "{name} {auth_type}");
        }
        let path = "/api/authenticators:update?filterByTk=2";
        let answer = app
            .browser()
            .post_as(&root, path, json!({"name": name}))
            .await;
        assert_eq!(answer.message(), RULE, "{name}");
    }
    for name in ["dt_Test-2", "0", "-"] {
        let answer = app.browser().post_as(&root, CREATE, ding(name)).await;
        assert_eq!(answer.status, 200, "{name}: {}", answer.text);
    }
}

#[actix_web::test]
async fn a_new_name_is_not_longer_than_its_column() {
    let app = TestApp::start().await;
    let root = app.root_token().await;
    let rename = "/api/authenticators:update?filterByTk=2";
    for (length, status) in [
        (5_000, 400),
        (STRING_CHARACTERS + 1, 400),
        (STRING_CHARACTERS, 200),
    ] {
        for (path, body) in [
            (CREATE, ding(&"a".repeat(length))),
            (rename, json!({"name": "b".repeat(length)})),
        ] {
            let answer = app.browser().post_as(&root, path, body).await;
            assert_eq!(answer.status, status, "{length} {path}: {}", answer.text);
            if status == 400 {
                assert_eq!(answer.message(), "Name is not valid", "{length} {path}");
            }
        }
    }
}

#[actix_web::test]
async fn a_name_that_is_there_already_stays_until_it_is_changed() {
    let app = TestApp::start().await;
    let values = AuthenticatorValues {
        name: "钉钉登录".to_owned(),
        auth_type: "dingtalk".to_owned(),
        title: None,
        description: String::new(),
        options: json!({"clientId": "ding1", "clientSecret": "s"}),
        enabled: true,
        author: None,
    };
    let row = app.store().create_authenticator(values).await.unwrap();
    let root = app.root_token().await;
    let path = format!("/api/authenticators:update?filterByTk={}", row.id);
    for (body, status) in [
        (json!({"title": "T", "name": "钉钉登录"}), 200),
        (json!({"name": "钉钉"}), 400),
        (json!({"name": "ding"}), 200),
    ] {
        let answer = app.browser().post_as(&root, &path, body).await;
        assert_eq!(answer.status, status, "{}", answer.text);
    }
}

/// A gateway before a NocoBase that takes what it is sent.
async fn before_nocobase() -> TestGateway {
    let stored = answer(&json!({"data": {"id": 9}}));
    let gateway = TestGateway::before(nocobase(move |head, connection| {
        connection.body(head);
        stored.clone()
    }))
    .await;
    gateway.enable_plugin().await;
    gateway
}

#[actix_web::test]
async fn in_front_of_nocobase_nocobase_says_how_long_a_name_may_be() {
    let gateway = before_nocobase().await;
    let id = gateway.create_authenticator("ding", true).await;
    let long = "a".repeat(5_000);
    let rename = format!("/api/authenticators:update?filterByTk={id}");
    for (path, body) in [
        (CREATE, ding(&long)),
        (rename.as_str(), json!({"name": long})),
    ] {
        let answer = gateway.browser().post_as("admin", path, body).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text);
        let bodies = gateway.upstream.bodies();
        let sent: Value = serde_json::from_str(bodies.last().unwrap()).unwrap();
        assert_eq!(sent["name"], long, "{path}");
    }
}

#[actix_web::test]
async fn in_front_of_nocobase_it_holds_for_dingtalk() {
    let gateway = before_nocobase().await;
    let id = gateway.create_authenticator("钉钉登录", true).await;
    let mut browser = gateway.browser();
    let sent = |gateway: &TestGateway| {
        let heads = gateway.upstream.heads();
        heads
            .iter()
            .filter(|head| head.contains("authenticators:"))
            .count()
    };
    for name in BAD {
        let answer = browser.post_as("admin", CREATE, ding(name)).await;
        let told = (answer.status.as_u16(), answer.message());
        assert_eq!(told, (400, RULE.to_owned()), "{name}");
    }
    let path = format!("/api/authenticators:update?filterByTk={id}");
    let answer = browser
        .post_as("admin", &path, json!({"name": "钉钉"}))
        .await;
    assert_eq!(answer.message(), RULE);
    assert_eq!(sent(&gateway), 0, "NocoBase is not asked to");
    // The old name, and what only concerns NocoBase, are passed on.
    for (path, body) in [
        (path.as_str(), json!({"name": "钉钉登录", "title": "T"})),
        (path.as_str(), json!({"title": "T"})),
        (CREATE, ding("dt")),
        (CREATE, json!({"name": "a/b", "authType": "SAML"})),
    ] {
        let before = sent(&gateway);
        let answer = browser.post_as("admin", path, body.clone()).await;
        assert_eq!(answer.status, 200, "{body}: {}", answer.text);
        assert_eq!(sent(&gateway), before + 1, "{body}");
    }
}

#[actix_web::test]
async fn doctor_names_those_that_are_there_already() {
    let place = Place::new();
    let mut server = place.start();
    place.open(&server).await;
    server.stop();
    let line = "problem  authenticator \"钉钉登录\": no header carries this name";
    let told = place.run(&["doctor"]);
    assert!(!told.output.contains("no header"), "{told:?}");
    let connection = place.database.connect().await;
    let renamed = r#"UPDATE "authenticators" SET name = '钉钉登录' WHERE name = 'dingtalk'"#;
    let renamed = in_dialect(&connection, renamed);
    connection.execute_unprepared(&renamed).await.unwrap();
    connection.into_inner().close().await.unwrap();
    let told = place.run(&["doctor"]);
    assert!(told.output.contains(line), "{told:?}");
}
