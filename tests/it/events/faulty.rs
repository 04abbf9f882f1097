//! Connections that go wrong: no word comes over them, or too large a frame, or events cannot be stored.

use std::time::{Duration, Instant};

use chrono::TimeDelta;
use sea_orm::ConnectionTrait;
use serde_json::json;

use super::all_acknowledged;
use super::stream::{connections, kinds, shown, with_stream};
use crate::support::{TestApp, eventually, in_dialect, logs, naming};

/// Larger than any frame that is read.
const OVERSIZE: usize = 300 * 1024;

/// Waits until the connection has been replaced. Returns the new one.
async fn replaced(app: &TestApp, old: &str) -> String {
    let mut new = String::new();
    eventually("another connection", async || {
        let all = connections(app).await;
        new = all.first().cloned().unwrap_or_default();
        !new.is_empty() && new != old
    })
    .await;
    new
}

/// Whether the server has sent a ping over the connection.
async fn is_asked(app: &TestApp) -> bool {
    let all = app.sandbox.streams().await;
    all.first().is_some_and(|one| one["asked"] != 0)
}

#[actix_web::test]
async fn a_connection_over_which_nothing_comes_is_given_up_and_opened_anew() {
    let app = with_stream().await;
    let first = connections(&app).await.remove(0);
    eventually("the answer to DingTalk's first ping", async || {
        app.sandbox.streams().await[0]["pongs"] != 0
    })
    .await;
    app.sandbox
        .send_events(json!({"silent": true, "redeliveryMs": 50, "mostAttempts": 1_000_000}))
        .await;
    app.clock.advance(TimeDelta::seconds(30));
    eventually("a ping", async || is_asked(&app).await).await;
    assert_eq!(connections(&app).await, std::slice::from_ref(&first));
    // The next one is silent from its beginning.
    app.clock.advance(TimeDelta::seconds(31));
    let second = replaced(&app, &first).await;
    let why = "a connection for events ended: nothing arrived over the connection for a minute";
    assert!(logs().contains(why), "{}", logs());
    app.sandbox.dismiss("lina").await;
    let mut advanced: Option<Instant> = None;
    eventually("a ping over the second", async || {
        // Nothing tells when the server begins to listen, and what passed before that is no silence
        // to it, so time passes more than once: each second, as often as the server looks.
        if advanced.is_none_or(|at| at.elapsed() >= Duration::from_secs(1)) {
            app.clock.advance(TimeDelta::seconds(30));
            advanced = Some(Instant::now());
        }
        connections(&app).await != [second.clone()] || is_asked(&app).await
    })
    .await;
    app.clock.advance(TimeDelta::seconds(60));
    replaced(&app, &second).await;
    // When DingTalk is there again, so are the events.
    app.sandbox
        .send_events(json!({"redeliveryMs": 50, "mostAttempts": 1_000_000}))
        .await;
    all_acknowledged(&app, 1).await;
    eventually("the event and the gaps", async || {
        let kinds = kinds(&app).await;
        kinds.contains(&"user_leave_org".to_owned()) && kinds.contains(&"stream_gap".to_owned())
    })
    .await;
}

#[actix_web::test]
async fn a_frame_that_is_too_large_is_refused_and_ends_the_connection() {
    let app = with_stream().await;
    let old = connections(&app).await.remove(0);
    app.sandbox
        .send_events(json!({"redeliveryMs": 50, "mostAttempts": 1}))
        .await;
    let people = json!(["x".repeat(OVERSIZE)]);
    app.sandbox
        .tell("user_add_org", json!({"userId": people}))
        .await;
    replaced(&app, &old).await;
    let why = "a connection for events ended: DingTalk answered something unexpected: a frame of the Stream is too large";
    assert!(logs().contains(why), "{}", logs());
    // Others still come.
    app.sandbox
        .send_events(json!({"redeliveryMs": 50, "mostAttempts": 1_000_000}))
        .await;
    app.sandbox.dismiss("lina").await;
    eventually("another event", async || {
        let events = app.sandbox.events().await;
        let left = events
            .iter()
            .find(|one| one["eventType"] == "user_leave_org");
        left.is_some_and(|one| one["outcome"] == "acknowledged")
    })
    .await;
    assert_eq!(kinds(&app).await, ["user_leave_org"]);
}

#[actix_web::test]
async fn an_event_that_cannot_be_stored_is_asked_for_later_over_the_same_connection() {
    let app = with_stream().await;
    let old = connections(&app).await;
    app.sandbox
        .send_events(json!({"redeliveryMs": 100, "mostAttempts": 1_000_000}))
        .await;
    let table = naming().table("dingtalk_events").into_owned();
    rename(&app, &table, "away").await;
    app.sandbox.dismiss("lina").await;
    eventually("answers that ask for the event later", async || {
        let events = app.sandbox.events().await;
        let postponed = events.first().and_then(|one| one["postponed"].as_u64());
        postponed >= Some(2)
    })
    .await;
    assert_eq!(app.sandbox.events().await[0]["outcome"], "onItsWay");
    rename(&app, "away", &table).await;
    all_acknowledged(&app, 1).await;
    assert_eq!(kinds(&app).await, ["user_leave_org"]);
    assert_eq!(connections(&app).await, old);
}

/// Gives a table another name. Both are names as the database has them.
async fn rename(app: &TestApp, from: &str, to: &str) {
    let connection = app.database.connect().await;
    let statement = format!(r#"ALTER TABLE "{from}" RENAME TO "{to}""#);
    let statement = in_dialect(&connection, &statement);
    connection
        .inner()
        .execute_unprepared(&statement)
        .await
        .unwrap();
    connection.into_inner().close().await.unwrap();
}

#[actix_web::test]
async fn a_network_that_is_away_is_not_taken_for_wrong_credentials() {
    let app = with_stream().await;
    app.sandbox.stop().await;
    // A refusal would be followed by a pause of minutes, and so by no second attempt.
    eventually("two failed attempts", async || {
        let failed = "no connection for events: DingTalk cannot be reached";
        logs().matches(failed).count() >= 2
    })
    .await;
    let mut error = String::new();
    eventually("the reason of the pause", async || {
        let stream = shown(&app).await["stream"].take();
        error = stream["error"].as_str().unwrap_or_default().to_owned();
        stream["state"] == "waiting" && !error.is_empty()
    })
    .await;
    assert!(error.contains("DingTalk cannot be reached"), "{error}");
    assert!(!error.contains("Client Secret"), "{error}");
}
