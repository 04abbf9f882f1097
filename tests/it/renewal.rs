//! Tokens that one of several servers renews.

use chrono::TimeDelta;
use entity::issued_token;
use entity::naming::NamedConnection;
use futures_util::future::join_all;
use sea_orm::{
    ColumnTrait, EntityTrait, IsolationLevel, QueryFilter, QuerySelect, TransactionTrait,
};
use serde_json::json;

use crate::support::{Browser, Kind, TestApp, eventually, waits_for_a_row};

const CHECK: &str = "/api/auth:check";

#[actix_web::test]
async fn a_token_that_another_server_has_renewed_leads_to_the_same_new_one() {
    let mut app = TestApp::start().await;
    let old = app.root_token().await;
    app.clock.advance(TimeDelta::days(1));
    // Only one server may use a SQLite file, so there the second one comes after the first.
    let new = if app.database.kind == Kind::Sqlite {
        let answer = app.browser().get_as(&old, CHECK).await;
        app.restart();
        answer.header("x-new-token").to_owned()
    } else {
        let other = app.second_server();
        let mut tabs: Vec<_> = (0..5)
            .flat_map(|_| [app.browser(), Browser::at(other.address)])
            .collect();
        let answers = join_all(tabs.iter_mut().map(|tab| tab.get_as(&old, CHECK))).await;
        let new = answers[0].header("x-new-token").to_owned();
        for answer in &answers {
            assert_eq!(answer.status, 200, "{}", answer.text);
            assert_eq!(answer.header("x-new-token"), new);
        }
        new
    };
    assert_ne!(new, "");
    let answer = app.browser().get_as(&old, CHECK).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(answer.header("x-new-token"), new);
    // A token that was signed out leads to no other.
    let out = app
        .browser()
        .post_as(&new, "/api/auth:signOut", json!({}))
        .await;
    assert_eq!(out.status, 200, "{}", out.text);
    let answer = app.browser().get_as(&old, CHECK).await;
    assert_eq!(answer.code(), "TOKEN_RENEW_FAILED");
}

#[actix_web::test]
async fn one_persons_renewal_waits_for_nobody_elses() {
    // SQLite has only one writer at a time.
    if Kind::chosen() == Kind::Sqlite {
        return;
    }
    let app = TestApp::start().await;
    let mut browser = app.browser();
    let root = app.root_token().await;
    let body = json!({"username": "ada", "password": "pw", "roles": ["member"]});
    browser.post_as(&root, "/api/users:create", body).await;
    let ada = app.browser().sign_in_as("ada", "pw").await;
    app.clock.advance(TimeDelta::days(1));
    let (holder, watcher) = (app.database.connect().await, app.database.connect().await);
    // Otherwise MariaDB would lock all rows that it reads on the way.
    let isolation = Some(IsolationLevel::ReadCommitted);
    let transaction = holder.inner().begin_with_config(isolation, None);
    let transaction = NamedConnection::new(transaction.await.unwrap(), holder.naming().clone());
    let of_root = issued_token::Entity::find().filter(issued_token::Column::UserId.eq(1));
    let of_root = of_root.select_only().column(issued_token::Column::UserId);
    let held: Option<i64> = of_root
        .lock_exclusive()
        .into_tuple()
        .one(&transaction)
        .await
        .unwrap();
    assert_eq!(held, Some(1));
    let mut waiting = app.browser();
    let mut renewal = Box::pin(waiting.get_as(&root, CHECK));
    eventually("a renewal that waits for its row", async || {
        assert!(futures_util::poll!(&mut renewal).is_pending());
        waits_for_a_row(&watcher, "^UPDATE .*token").await
    })
    .await;
    let answer = app.browser().get_as(&ada, CHECK).await;
    assert_ne!(answer.header("x-new-token"), "", "{}", answer.text);
    assert!(futures_util::poll!(&mut renewal).is_pending());
    transaction.into_inner().commit().await.unwrap();
    assert_eq!(renewal.await.status, 200);
    holder.into_inner().close().await.unwrap();
    watcher.into_inner().close().await.unwrap();
}
