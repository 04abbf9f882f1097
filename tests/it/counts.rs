//! How many rows a list says that there are, while it does not count them each time.

use nocobase_dingtalk::clock::Clock;
use sea_orm::ConnectionTrait;
use serde_json::json;

use crate::support::plans::Heard;
use crate::support::{Browser, TestApp, crowd, eventually, in_dialect};

/// More than are counted each time.
const PEOPLE: i64 = 20_000;

async fn count(browser: &mut Browser, root: &str, list: &str) -> i64 {
    let path = format!("/api/{list}:list?pageSize=1");
    let answer = browser.get_as(root, &path).await;
    let count = answer.json()["meta"]["count"].as_i64();
    count.unwrap_or_else(|| panic!("{}", answer.text))
}

async fn crowded() -> (TestApp, Browser, String) {
    let app = TestApp::start().await;
    crowd::fill(&app.database, usize::try_from(PEOPLE).unwrap()).await;
    let mut browser = app.browser();
    let root = browser.sign_in_as_root().await;
    (app, browser, root)
}

async fn create(browser: &mut Browser, root: &str, name: &str) -> i64 {
    let body = json!({"username": name, "password": "secret"});
    let answer = browser.post_as(root, "/api/users:create", body).await;
    answer.id()
}

async fn destroy(browser: &mut Browser, root: &str, id: i64) {
    let path = format!("/api/users:destroy?filterByTk={id}");
    let answer = browser.post_as(root, &path, json!({})).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
}

#[actix_web::test]
async fn the_count_is_right_at_once_whoever_changes_something() {
    let (app, mut here, root) = crowded().await;
    let other = app.second_server();
    let mut there = here.fresh_at(other.address);
    let with_root = PEOPLE + 1;
    assert_eq!(count(&mut here, &root, "users").await, with_root);
    assert_eq!(count(&mut there, &root, "users").await, with_root);

    // A new account, an old one that goes, and a new one that goes; seen by who did it, and by the other.
    let new = create(&mut here, &root, "ada").await;
    for browser in [&mut here, &mut there] {
        assert_eq!(count(browser, &root, "users").await, with_root + 1);
    }
    destroy(&mut there, &root, crowd::FIRST).await;
    for browser in [&mut here, &mut there] {
        assert_eq!(count(browser, &root, "users").await, with_root);
    }
    destroy(&mut here, &root, new).await;
    for browser in [&mut there, &mut here] {
        assert_eq!(count(browser, &root, "users").await, with_root - 1);
    }
}

#[actix_web::test]
async fn rows_of_the_trail_are_counted_as_they_come_and_go() {
    let (app, mut browser, root) = crowded().await;
    let before = count(&mut browser, &root, "dingtalkAudit").await;
    assert!(before > PEOPLE);
    browser.sign_in_as_root().await;
    assert_eq!(
        count(&mut browser, &root, "dingtalkAudit").await,
        before + 1
    );
    let now = Clock::system().now() + chrono::TimeDelta::days(1);
    let removed = app.store().remove_audit_rows(now).await.unwrap();
    assert_eq!(i64::try_from(removed).unwrap(), before + 1);
    assert_eq!(count(&mut browser, &root, "dingtalkAudit").await, 0);
}

/// What is kept costs nothing that grows: the whole table is counted once.
#[actix_web::test]
async fn a_large_table_is_not_counted_each_time() {
    let (app, mut browser, root) = crowded().await;
    count(&mut browser, &root, "users").await;
    let heard = Heard::of(app.store());
    count(&mut browser, &root, "users").await;
    let sent = heard.take();
    assert!(!sent.is_empty(), "the page itself is read");
    let counting = sent.iter().filter(|sql| sql.contains("COUNT(*)"));
    let whole = |sql: &&String| !sql.contains("\"id\" > ") && !sql.contains("`id` > ");
    assert_eq!(counting.filter(whole).count(), 0, "{sent:?}");
}

/// A page of bound accounts tells how many there are, and does not count all of them again.
#[actix_web::test]
async fn the_accounts_of_an_authenticator_are_not_counted_each_time() {
    let (app, mut browser, root) = crowded().await;
    let list = "authenticators/dingtalk/users";
    assert_eq!(count(&mut browser, &root, list).await, PEOPLE);
    let heard = Heard::of(app.store());
    assert_eq!(count(&mut browser, &root, list).await, PEOPLE);
    let sent = heard.take();
    assert!(!sent.is_empty(), "the page itself is read");
    let counting = sent.iter().filter(|sql| sql.contains("COUNT(*)"));
    assert_eq!(counting.count(), 0, "{sent:?}");
}

/// Who writes with SQL of their own tells nobody; it is seen soon.
#[actix_web::test]
async fn what_others_remove_is_seen_after_a_while() {
    let (app, mut browser, root) = crowded().await;
    let before = count(&mut browser, &root, "users").await;
    let connection = app.database.connect().await;
    let statement = format!("DELETE FROM \"users\" WHERE \"id\" = {}", crowd::FIRST);
    let statement = in_dialect(&connection, &statement);
    connection.execute_unprepared(&statement).await.unwrap();
    connection.into_inner().close().await.unwrap();
    let what = "one account less";
    eventually(what, async || {
        count(&mut browser, &root, "users").await < before
    })
    .await;
}
