//! What DingTalk tells as it happens.

mod accounts;
mod bad_days;
mod callbacks;
mod faulty;
mod held_up;
mod looked_at;
mod proxy;
mod stream;
mod takeover;
mod variables;

use reqwest::StatusCode;
use sea_orm::EntityTrait;
use serde_json::{Value, json};

use crate::support::{Browser, TestApp, TestDatabase, eventually};

/// The secrets of callbacks.
const TOKEN: &str = "sandboxToken01";
const KEY: &str = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG";

/// Saves a source that receives events in this way.
async fn save_source(app: &TestApp, events: Value) {
    let token = app.root_token().await;
    save_options(&mut app.browser(), &token, json!({"events": events})).await;
}

/// The same at any server.
async fn save_source_at(browser: &mut Browser, events: Value) {
    save_source_with(browser, json!({"events": events})).await;
}

/// Saves a source with these options, at any server.
async fn save_source_with(browser: &mut Browser, options: Value) {
    let token = browser.sign_in_as_root().await;
    save_options(browser, &token, options).await;
}

async fn save_options(browser: &mut Browser, token: &str, options: Value) {
    let body = json!({"authenticator": "dingtalk", "enabled": true, "options": options});
    let path = "/api/dingtalkDirectory:saveSource";
    let answer = browser.post_as(token, path, body).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
}

/// Events that were kept, in the order in which they came.
async fn kept(app: &TestApp) -> Vec<entity::event::Model> {
    rows_in(&app.database).await
}

/// Events that are kept in a database.
async fn rows_in(database: &TestDatabase) -> Vec<entity::event::Model> {
    let connection = database.connect().await;
    let rows = entity::event::Entity::find().all(&connection).await;
    let rows = rows.unwrap();
    connection.into_inner().close().await.unwrap();
    rows
}

/// A source that hears of changes by callback, and an application that sends them.
async fn with_callbacks() -> TestApp {
    with_callbacks_and(json!({})).await
}

/// The same with further options of the authenticator.
async fn with_callbacks_and(options: Value) -> TestApp {
    let app = TestApp::with_options(options).await;
    save_source(
        &app,
        json!({"mode": "callback", "token": TOKEN, "aesKey": KEY}),
    )
    .await;
    app.sandbox.subscribe(push(&app, "clientId")).await;
    app
}

/// How the sandbox calls this server.
fn push(app: &TestApp, owner: &str) -> Value {
    let url = app.url("/api/dingtalk:callback?authenticator=dingtalk");
    json!({"mode": "http", "url": url, "token": TOKEN, "aesKey": KEY, "owner": owner})
}

/// Waits until the sandbox knows that all that it told has arrived.
async fn all_acknowledged(app: &TestApp, count: usize) {
    eventually("the acknowledgement of all events", async || {
        let events = app.sandbox.events().await;
        let mut all = events.iter();
        events.len() >= count && all.all(|event| event["outcome"] == "acknowledged")
    })
    .await;
}
