//! What the server keeps in memory: it does not ask the database for what it knows, and does not
//! use what somebody has changed.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use chrono::TimeDelta;
use entity::{change, system_setting, user};
use nocobase_dingtalk::store::NewUser;
use sea_orm::ActiveValue::Set;
use sea_orm::EntityTrait;
use serde_json::{Value, json};

use crate::support::{Browser, TestApp};

/// Longer than the second that other processes need to notice a change, and shorter than the time
/// after which cached values expire anyway.
const PATIENCE: Duration = Duration::from_secs(5);
const CHECK: &str = "/api/auth:check";

/// Requests that every page sends; all of them are answered from memory.
const HOT: [&str; 7] = [
    CHECK,
    "/api/roles:check",
    "/api/authenticators:publicList",
    "/api/app:getInfo",
    "/api/pm:listEnabled",
    "/api/pm:listEnabledV2",
    "/api/systemSettings:get",
];

/// Repeats the requests until none of them reads the database. On a busy machine, cached values may
/// expire in between.
async fn is_answered_from_memory(app: &TestApp, token: &str) -> bool {
    // The browser has no cookies, because one would choose the role.
    let mut browser = app.browser();
    for _ in 0..20 {
        let before = app.store().statements();
        for path in HOT {
            assert_eq!(browser.get_as(token, path).await.status, 200, "{path}");
        }
        if app.store().statements() == before {
            return true;
        }
    }
    false
}

#[actix_web::test]
async fn what_every_page_asks_comes_from_memory() {
    let app = TestApp::start().await;
    let token = app.browser().sign_in_as_root().await;
    assert!(is_answered_from_memory(&app, &token).await);
    // The counter of statements works.
    let before = app.store().statements();
    let path = "/api/authenticators:list";
    app.browser().get_as(&token, path).await;
    assert!(app.store().statements() > before);
}

#[actix_web::test]
async fn sessions_and_accounts_that_begin_make_nothing_stale() {
    let app = TestApp::start().await;
    let token = app.browser().sign_in_as_root().await;
    assert!(is_answered_from_memory(&app, &token).await);
    let counters = async || {
        let connection = app.database.connect().await;
        let rows = change::Entity::find().all(&connection).await.unwrap();
        connection.into_inner().close().await.unwrap();
        rows.iter().map(|row| row.version).sum::<i64>()
    };
    let before = counters().await;
    let new = NewUser::default();
    app.store().create_user(new.clone()).await.unwrap();
    let transaction = app.store().begin_snapshot().await.unwrap();
    transaction.create_user(new).await.unwrap();
    transaction.commit().await.unwrap();
    app.browser().sign_in_as_root().await;
    assert_eq!(counters().await, before);
    app.store().set_user_language(2, None).await.unwrap();
    assert_eq!(counters().await, before + 1);
    let policy = app.store().token_policy().await.unwrap().unwrap();
    app.store()
        .save_token_policy(Some(policy), 1)
        .await
        .unwrap();
    assert_eq!(counters().await, before + 2);
}

/// A change, and an answer that differs afterwards.
struct Change {
    /// Whether root makes the change, or the person concerned.
    by_root: bool,
    action: &'static str,
    body: Value,
    /// Who asks before and after the change, and a text that appears in only one of the answers.
    sees: (&'static str, &'static str),
}

fn changes() -> Vec<Change> {
    let change = |by_root, action, body, sees| Change {
        by_root,
        action,
        body,
        sees,
    };
    let door = json!({"name": "door", "authType": "Email/Password", "title": "Back door",
                      "enabled": true});
    let list = "/api/authenticators:publicList";
    let modules = "/api/pm:listEnabled";
    let ada = (CHECK, r#""username":"ada""#);
    vec![
        change(
            false,
            "users:updateProfile",
            json!({"username": "ada", "nickname": "Countess"}),
            (CHECK, "Countess"),
        ),
        change(
            false,
            "users:updateLang",
            json!({"appLang": "zh-CN"}),
            (CHECK, "zh-CN"),
        ),
        change(
            true,
            "users:update/2",
            json!({"nickname": "Lovelace"}),
            (CHECK, "Lovelace"),
        ),
        change(
            false,
            "users:setDefaultRole",
            json!({"roleName": "member"}),
            ("/api/roles:check", r#""role":"member""#),
        ),
        change(
            true,
            "users/2/roles:set",
            json!(["member"]),
            (CHECK, r#""name":"admin""#),
        ),
        change(true, "authenticators:create", door, (list, "Back door")),
        change(
            true,
            "authenticators:update/3",
            json!({"title": "Front door"}),
            (list, "Front door"),
        ),
        change(
            true,
            "authenticators:move?sourceId=3&sticky=true",
            json!({}),
            (list, r#"{"data":[{"name":"door""#),
        ),
        change(
            true,
            "authenticators:destroy/3",
            json!({}),
            (list, "Front door"),
        ),
        change(
            true,
            "pm:disable?filterByTk=auth-dingtalk",
            json!({}),
            (modules, "auth-dingtalk"),
        ),
        change(
            true,
            "pm:enable?filterByTk=auth-dingtalk",
            json!({}),
            (modules, "auth-dingtalk"),
        ),
        change(false, "auth:signOut", json!({}), ada),
        change(true, "users:update/2", json!({"password": "pw"}), ada),
        change(
            false,
            "auth:changePassword",
            json!({"oldPassword": "pw", "newPassword": "pw", "confirmPassword": "pw"}),
            ada,
        ),
        change(true, "users:destroy/2", json!({}), ada),
    ]
}

/// Makes all changes at the server of `app`, and passes each to `seen` together with the question.
async fn with_each_change<F>(app: &TestApp, observer: SocketAddr, mut seen: F)
where
    F: AsyncFnMut(&str, &str, (&str, &str), bool),
{
    let root = app.browser().sign_in_as_root().await;
    let body = json!({"username": "ada", "password": "pw", "roles": ["admin", "member"]});
    app.browser()
        .post_as(&root, "/api/users:create", body)
        .await;
    // The browsers have no cookies, because one would choose the role.
    let (mut asker, mut actor) = (Browser::at(observer), app.browser());
    for change in changes() {
        // Tokens of the second in which the password was changed, and older ones, are refused.
        app.clock.advance(TimeDelta::seconds(5));
        let ada = app.browser().sign_in_as("ada", "pw").await;
        app.clock.advance(TimeDelta::seconds(5));
        let (path, text) = change.sees;
        let before = asker.get_as(&ada, path).await.text.contains(text);
        let token = if change.by_root { &root } else { &ada };
        let action = format!("/api/{}", change.action);
        let answer = actor.post_as(token, &action, change.body).await;
        assert!(answer.status.is_success(), "{action}: {}", answer.text);
        seen(&action, &ada, change.sees, before).await;
    }
    // From now on sessions are too old, including root's.
    let token = app.browser().sign_in_as_root().await;
    app.clock.advance(TimeDelta::seconds(5));
    assert_eq!(asker.get_as(&token, CHECK).await.status, 200);
    let config = json!({"tokenExpirationTime": "1s", "sessionExpirationTime": "1s",
                        "expiredTokenRenewLimit": "1s"});
    let path = "/api/tokenControlConfig:update/token-policy-config";
    let answer = app
        .browser()
        .post_as(&token, path, json!({"config": config}))
        .await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    seen(path, &token, (CHECK, "EXPIRED_SESSION"), false).await;
}

#[actix_web::test]
async fn the_next_request_sees_each_change() {
    let app = TestApp::start().await;
    let (server, mut browser) = (app.server.address, app.browser());
    with_each_change(&app, server, async |action, token, (path, text), before| {
        let after = browser.get_as(token, path).await;
        assert_ne!(
            after.text.contains(text),
            before,
            "{action}: {}",
            after.text
        );
    })
    .await;
}

/// This is also tested on SQLite, because a gateway and a standalone server may share a file.
#[actix_web::test]
async fn another_process_sees_each_change_soon() {
    let app = TestApp::start().await;
    let other = app.second_server();
    let (at, mut browser) = (other.address, Browser::at(other.address));
    with_each_change(&app, at, async |action, token, (path, text), before| {
        let changed = Instant::now();
        loop {
            let after = browser.get_as(token, path).await;
            if after.text.contains(text) != before {
                break;
            }
            assert!(changed.elapsed() < PATIENCE, "{action}: {}", after.text);
            actix_web::rt::time::sleep(Duration::from_millis(20)).await;
        }
    })
    .await;
}

#[actix_web::test]
async fn an_api_key_that_is_removed_is_refused_at_once() {
    let app = TestApp::start().await;
    let root = app.browser().sign_in_as_root().await;
    let body = json!({"name": "k", "role": {"name": "root"}, "expiresIn": "1d"});
    let made = app
        .browser()
        .post_as(&root, "/api/apiKeys:create", body)
        .await;
    let key = made.json()["data"]["token"].as_str().unwrap().to_owned();
    assert_eq!(app.browser().get_as(&key, CHECK).await.status, 200);
    app.browser()
        .post_as(&root, "/api/apiKeys:destroy?filterByTk=1", json!({}))
        .await;
    assert_eq!(app.browser().get_as(&key, CHECK).await.status, 401);
}

#[actix_web::test]
async fn what_others_write_without_a_word_counts_once_it_is_forgotten() {
    let app = TestApp::start().await;
    let token = app.browser().sign_in_as_root().await;
    let name =
        async || app.browser().get_as(&token, CHECK).await.json()["data"]["nickname"].clone();
    let title = async || {
        let answer = app
            .browser()
            .get_as(&token, "/api/systemSettings:get")
            .await;
        answer.json()["data"]["title"].clone()
    };
    assert_eq!(
        (name().await, title().await),
        (json!("Super Admin"), json!("NocoBase"))
    );
    let connection = app.database.connect().await;
    let changed = user::ActiveModel {
        id: Set(1),
        nickname: Set(Some("Root".to_owned())),
        ..Default::default()
    };
    sea_orm::ActiveModelTrait::update(changed, &connection)
        .await
        .unwrap();
    connection.into_inner().close().await.unwrap();
    app.write(system_setting::ActiveModel {
        id: Set(1),
        title: Set(Some("Office".to_owned())),
        ..Default::default()
    })
    .await;
    assert_eq!(
        (name().await, title().await),
        (json!("Root"), json!("Office"))
    );
}

#[actix_web::test]
async fn a_change_that_is_taken_back_changes_nothing() {
    let app = TestApp::start().await;
    let token = app.browser().sign_in_as_root().await;
    let mut browser = app.browser();
    browser.get_as(&token, CHECK).await;
    let transaction = app.store().begin().await.unwrap();
    let user = transaction.user(1).await.unwrap().unwrap();
    let renamed = user::Model {
        nickname: Some("Nobody".to_owned()),
        ..user
    };
    transaction.save_user(&renamed).await.unwrap();
    // The transaction sees its own change; others do not see it, and do not wait.
    let inside = transaction.user(1).await.unwrap().unwrap();
    assert_eq!(inside.nickname.as_deref(), Some("Nobody"));
    assert!(!browser.get_as(&token, CHECK).await.text.contains("Nobody"));
    drop(transaction);
    assert!(!browser.get_as(&token, CHECK).await.text.contains("Nobody"));
}
