//! Many requests at the same time, at one server and at several servers with one database.

use std::time::Duration;

use entity::{user, user_authenticator};
use futures_util::future::join_all;
use migration::{Migrator, MigratorTraitSelf};
use nocobase_dingtalk::domain::authenticator::{
    self, AuthenticatorEdit, AuthenticatorError, Author,
};
use nocobase_dingtalk::store::AuthenticatorValues;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use serde_json::{Value, json};

use crate::support::{Browser, Kind, TestApp, naming};

/// More connections than tests usually have, so that transactions overlap.
const CONCURRENT: [&str; 1] = ["--db-pool-max=12"];
const SIGN_IN: &str = "/api/auth:signIn";

fn sign_up() -> Value {
    json!({"public": {"autoSignup": true}})
}

#[actix_web::test]
async fn fifty_password_sign_ins_at_once_are_all_answered() {
    let app = TestApp::with_flags(&CONCURRENT, json!({})).await;
    let body = json!({"account": "nocobase", "password": "admin123"});
    let mut browsers: Vec<_> = (0..50).map(|_| app.browser()).collect();
    let answers = join_all(browsers.iter_mut().map(|b| b.post(SIGN_IN, body.clone()))).await;
    // Ten attempts from one address for one account may be under way; the others are told to wait.
    let (good, early): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 200);
    assert!(good.len() >= 10, "{}", good.len());
    assert!(early.iter().all(|answer| answer.status == 429), "{early:?}");
    // No right password was counted as a guess.
    for _ in 0..11 {
        assert_eq!(app.browser().post(SIGN_IN, body.clone()).await.status, 200);
    }
}

#[actix_web::test]
async fn twenty_first_sign_ins_of_one_person_make_one_account_and_one_binding() {
    let app = TestApp::with_flags(&CONCURRENT, sign_up()).await;
    let second = app.second_server();
    let mut browsers: Vec<_> = (0..10)
        .flat_map(|_| [app.browser(), Browser::at(second.address)])
        .collect();
    let sandbox = &app.sandbox;
    let codes = join_all((0..20).map(|_| sandbox.code("lina", "oauth"))).await;
    let headers = [("x-authenticator", "dingtalk")];
    let attempts = browsers.iter_mut().zip(codes).map(|(browser, code)| {
        let body = Some(json!({"authCode": code}));
        browser.send(reqwest::Method::POST, SIGN_IN, &headers, body)
    });
    for answer in join_all(attempts).await {
        assert_eq!(answer.status, 200, "{}", answer.text);
    }
    let connection = app.database.connect().await;
    let users = user::Entity::find().count(&connection).await.unwrap();
    let bindings = user_authenticator::Entity::find()
        .filter(user_authenticator::Column::Uuid.eq("user-lina"))
        .count(&connection)
        .await
        .unwrap();
    connection.into_inner().close().await.unwrap();
    assert_eq!((users, bindings), (2, 1), "root and one more, bound once");
}

#[actix_web::test]
async fn two_servers_on_one_database_take_a_state_once() {
    let app = TestApp::with_options(sign_up()).await;
    let second = app.second_server();
    let mut one = app.browser();
    let url = one.begin(Value::Null).await;
    let location = app.sandbox.choose(&url, "lina").await;
    let (_, path) = location.split_once("/api/").unwrap();
    let path = format!("/api/{path}");
    // Both servers get the same cookie, as from a thief.
    let mut other = Browser::at(second.address);
    other.cookies = one.cookies.clone();
    let (first, second) = futures_util::future::join(one.get(&path), other.get(&path)).await;
    let sessions = [&first, &second].map(|answer| answer.session().is_some());
    assert_eq!(
        sessions.iter().filter(|&&session| session).count(),
        1,
        "{first:?} {second:?}"
    );
    let refused = if sessions[0] { second } else { first };
    assert_eq!(refused.failure().as_deref(), Some("DINGTALK_STATE_USED"));
}

/// When two requests each remove one of two ways to sign in, one of them must be refused, although
/// each believes that one way is left.
#[actix_web::test]
async fn two_cannot_take_away_the_last_two_ways_in_together() {
    let app = TestApp::with_flags(&CONCURRENT, json!({})).await;
    let store = app.store();
    let basic = store.authenticator("basic").await.unwrap().unwrap();
    let dingtalk = store.authenticator("dingtalk").await.unwrap().unwrap();
    let off = AuthenticatorEdit {
        enabled: Some(false),
        ..AuthenticatorEdit::default()
    };
    // The first transaction has changed its row, and is still open.
    let first = store.begin_settings().await.unwrap();
    let values = AuthenticatorValues {
        name: basic.name,
        auth_type: basic.auth_type,
        title: None,
        description: String::new(),
        options: basic.options,
        enabled: false,
        author: None,
    };
    first.update_authenticator(basic.id, values).await.unwrap();
    let ids = [dingtalk.id];
    let by = Author {
        id: 1,
        may_give_power: true,
    };
    let second = authenticator::update(store, &app.server.app.providers, &ids, &off, by);
    let mut second = std::pin::pin!(second);
    let early = tokio::time::timeout(Duration::from_millis(300), &mut second).await;
    first.commit().await.unwrap();
    let outcome = match early {
        Ok(outcome) => outcome,
        Err(_) => second.await,
    };
    assert!(
        matches!(outcome, Err(AuthenticatorError::LastEnabled)),
        "{outcome:?}"
    );
    let left = store.enabled_authenticators().await.unwrap();
    assert_eq!(left.len(), 1);
}

#[actix_web::test]
async fn servers_that_start_together_prepare_one_database() {
    if Kind::chosen() == Kind::Sqlite {
        // Only one server may use a SQLite file.
        return;
    }
    let app = TestApp::start().await;
    let connection = app.database.connect().await;
    Migrator::of_all_tables(naming())
        .down(connection.inner(), None)
        .await
        .unwrap();
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| drop(app.second_server()));
        }
    });
    let users = user::Entity::find().count(&connection).await.unwrap();
    connection.into_inner().close().await.unwrap();
    assert_eq!(users, 1);
}
