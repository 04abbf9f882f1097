//! Authenticators and bindings that another DingTalk plugin left in NocoBase's database.

use dingtalk_sandbox::seed::{CLIENT_ID, CLIENT_SECRET};
use entity::{authenticator, user_authenticator};
use nocobase_dingtalk::clock::Clock;
use nocobase_dingtalk::domain::inspection::{Inspected, foreign_bindings, inspect};
use sea_orm::{ActiveModelTrait, EntityTrait, Set};
use serde_json::{Value, json};

use crate::support::TestGateway;
use crate::support::lookups::reconcile;
use crate::support::upstream::ScriptedUpstream;

/// A NocoBase that lists nothing.
fn nocobase() -> ScriptedUpstream {
    let body = r#"{"data":[]}"#;
    ScriptedUpstream::answering(&format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    ))
}

async fn gateway() -> TestGateway {
    let gateway = TestGateway::before(nocobase()).await;
    gateway.enable_plugin().await;
    gateway
}

/// An enabled authenticator with these options, as a plugin inside NocoBase has it.
async fn leave(gateway: &TestGateway, name: &str, options: Value) {
    let connection = gateway.app.database.connect().await;
    let now = Clock::system().now();
    let row = authenticator::ActiveModel {
        created_at: Set(now),
        updated_at: Set(now),
        name: Set(name.to_owned()),
        auth_type: Set("dingtalk".to_owned()),
        description: Set(String::new()),
        options: Set(options),
        enabled: Set(Some(true)),
        sort: Set(Some(2)),
        ..Default::default()
    };
    row.insert(&connection).await.unwrap();
    connection.into_inner().close().await.unwrap();
    gateway.know().await;
}

/// What the operator is told of all authenticators.
async fn inspected(gateway: &TestGateway) -> Vec<Inspected> {
    let app = &gateway.server.app;
    let inspected = inspect(&app.store, &app.vault, &app.providers).await;
    inspected.unwrap()
}

/// A binding of this account, as a plugin inside NocoBase made it some time ago: the gateway has seen it since.
async fn leave_binding(gateway: &TestGateway, name: &str, uuid: &str, user_id: i64) {
    let connection = gateway.app.database.connect().await;
    let now = Clock::system().now();
    let row = user_authenticator::ActiveModel {
        created_at: Set(now),
        updated_at: Set(now),
        authenticator: Set(name.to_owned()),
        user_id: Set(user_id),
        uuid: Set(uuid.to_owned()),
        nickname: Set("Zhang Wei".to_owned()),
        avatar: Set(String::new()),
        meta: Set(Some(json!({}))),
        ..Default::default()
    };
    user_authenticator::Entity::insert(row)
        .exec_without_returning(&connection)
        .await
        .unwrap();
    connection.into_inner().close().await.unwrap();
    reconcile(&gateway.server).await;
}

/// The options as they stand in the database.
async fn stored(gateway: &TestGateway, name: &str) -> Value {
    let store = &gateway.server.app.store;
    store.authenticator(name).await.unwrap().unwrap().options
}

fn client() -> Value {
    json!({"clientId": CLIENT_ID, "clientSecret": CLIENT_SECRET})
}

#[actix_web::test]
async fn a_client_is_found_flat_or_in_a_group_and_stays_where_it_is() {
    let mut in_public = client();
    in_public["autoSignup"] = json!(true);
    for options in [
        json!({"clientId": CLIENT_ID, "clientSecret": CLIENT_SECRET, "public": {"autoSignup": true}}),
        json!({"public": in_public}),
        json!({"dingtalk": client(), "public": {"autoSignup": true}}),
    ] {
        let gateway = gateway().await;
        leave(&gateway, "dingtalk", options.clone()).await;
        let mut browser = gateway.browser();
        let page = browser.sign_in(&gateway.app.sandbox, "zhangwei").await;
        assert!(page.session().is_some(), "{options}: {}", page.text);
        assert_eq!(
            stored(&gateway, "dingtalk").await,
            options,
            "nothing is written"
        );
        // Visitors see no secret, wherever it stands.
        let list = gateway
            .browser()
            .get("/api/authenticators:publicList")
            .await;
        let row = &list.json()["data"][0];
        assert_eq!(
            (&row["name"], &row["options"]["autoSignup"]),
            (&json!("dingtalk"), &json!(true))
        );
        assert!(!list.text.contains("client-secret"), "{}", list.text);
    }
}

#[actix_web::test]
async fn options_that_nobody_understands_keep_out_their_own_people_alone() {
    let gateway = gateway().await;
    leave(&gateway, "odd", json!({"app": "x", "public": "?"})).await;
    leave(&gateway, "dingtalk", client()).await;
    let list = gateway
        .browser()
        .get("/api/authenticators:publicList")
        .await;
    assert_eq!(list.status, 200, "{}", list.text);
    assert_eq!(list.json()["data"].as_array().unwrap().len(), 2);
    let inspected = inspected(&gateway).await;
    let problems: Vec<_> = inspected
        .iter()
        .map(|one| {
            (
                one.name.as_str(),
                one.problem.as_ref().map(ToString::to_string),
            )
        })
        .collect();
    assert_eq!(problems.len(), 2);
    let problem = |name| {
        problems
            .iter()
            .find(|(one, _)| *one == name)
            .unwrap()
            .1
            .clone()
    };
    assert!(problem("odd").unwrap().contains("clientId"), "{problems:?}");
    assert_eq!(problem("dingtalk"), None);
}

#[actix_web::test]
async fn bindings_are_found_by_what_the_authenticator_binds_by() {
    for (bind_by, uuid) in [
        ("userId", "user-lina"),
        ("unionId", "union-lina"),
        ("mobile", "13800000002"),
    ] {
        let gateway = gateway().await;
        let mut options = client();
        options["bindBy"] = json!(bind_by);
        leave(&gateway, "dingtalk", options).await;
        let id = gateway.app.create_user("lina-before", None).await;
        leave_binding(&gateway, "dingtalk", uuid, id).await;
        let foreign = foreign_bindings(&gateway.server.app.store, "dingtalk")
            .await
            .unwrap();
        assert_eq!(foreign, 1);
        let mut browser = gateway.browser();
        let page = browser.sign_in(&gateway.app.sandbox, "lina").await;
        let token = page.session().unwrap_or_else(|| panic!("{page:?}"))["token"].clone();
        let known = gateway.known_to_nocobase(token.as_str().unwrap()).await;
        assert_eq!(known["id"], id, "{bind_by}");
        // From now on it keeps what ours keep, so that it is found whatever is bound by.
        let foreign = foreign_bindings(&gateway.server.app.store, "dingtalk")
            .await
            .unwrap();
        assert_eq!(foreign, 0);
    }
}
