//! Over the Stream: a connection that this server opens and keeps open.

use std::time::{Duration, Instant};

use chrono::TimeDelta;
use entity::{directory_member, directory_run, event};
use reqwest::StatusCode;
use sea_orm::EntityTrait;
use serde_json::{Value, json};

use super::accounts::run;
use super::{all_acknowledged, kept, save_source};
use crate::support::{TestApp, eventually};

/// A source that hears of changes over the Stream, and is connected.
pub async fn with_stream() -> TestApp {
    let app = TestApp::start().await;
    save_source(&app, json!({"mode": "stream"})).await;
    connected(&app, 1).await;
    app
}

/// Waits until so many connections are open.
pub async fn connected(app: &TestApp, count: usize) {
    eventually("the connections", async || {
        app.sandbox.streams().await.len() == count
    })
    .await;
}

/// The identifiers of the open connections.
pub async fn connections(app: &TestApp) -> Vec<String> {
    let all = app.sandbox.streams().await.into_iter();
    all.map(|one| one["id"].as_str().unwrap().to_owned())
        .collect()
}

/// What administrators see of the connection.
pub async fn shown(app: &TestApp) -> Value {
    let mut browser = app.browser();
    let token = app.root_token().await;
    let path = "/api/dingtalkDirectory:sources";
    let sources = browser.get_as(&token, path).await;
    sources.json()["data"][0]["events"].clone()
}

/// Waits until the connection is shown in this state.
async fn shown_as(app: &TestApp, state: &str) -> Value {
    eventually(state, async || shown(app).await["stream"]["state"] == state).await;
    shown(app).await
}

/// The kinds of the events that are kept, in the order in which they came.
pub async fn kinds(app: &TestApp) -> Vec<String> {
    let rows = kept(app).await.into_iter();
    rows.map(|row| row.kind).collect()
}

/// Saves the authenticator with these options and those that it has.
pub async fn save_options(app: &TestApp, changed: Value) {
    let mut browser = app.browser();
    let token = app.root_token().await;
    let row = app.store().authenticator("dingtalk").await.unwrap();
    let id = row.unwrap().id;
    let path = format!("/api/authenticators:get?filterByTk={id}");
    let stored = browser.get_as(&token, &path).await.json();
    let mut options = stored["data"]["options"].clone();
    assert!(options["clientId"].is_string(), "{stored}");
    let values = changed.as_object().unwrap().clone();
    options.as_object_mut().unwrap().extend(values);
    let path = format!("/api/authenticators:update?filterByTk={id}");
    let saved = browser
        .post_as(&token, &path, json!({"options": options}))
        .await;
    assert_eq!(saved.status, StatusCode::OK, "{}", saved.text);
}

#[actix_web::test]
async fn what_is_told_is_kept_once_and_then_acknowledged() {
    let app = with_stream().await;
    app.sandbox.send_events(json!({"duplicates": 3})).await;
    app.sandbox.dismiss("lina").await;
    all_acknowledged(&app, 1).await;
    let rows = kept(&app).await;
    assert_eq!(rows.len(), 1, "{rows:?}");
    assert_eq!(rows[0].transport, event::Transport::Stream);
    assert_eq!(rows[0].subject, event::Subject::Leavers);
    assert_eq!(rows[0].subjects, json!(["user-lina"]));
    let shown = shown_as(&app, "connected").await;
    assert!(shown["stream"]["heardAt"].is_string(), "{shown}");
    assert_eq!(shown["stream"]["error"], Value::Null);
    let text = shown["text"].as_str().unwrap();
    assert!(text.starts_with("Connected to DingTalk since 20"), "{text}");
}

#[actix_web::test]
async fn pings_are_answered() {
    let app = with_stream().await;
    app.sandbox.send_events(json!({"pingMs": 20})).await;
    // How often there are pings is settled when a connection opens.
    app.sandbox.close_streams("abrupt").await;
    eventually("answers to pings", async || {
        let all = app.sandbox.streams().await;
        all.iter().any(|one| one["pongs"].as_u64().unwrap() > 3)
    })
    .await;
}

#[actix_web::test]
async fn a_goodbye_is_followed_by_a_new_connection_before_the_old_one_ends() {
    let app = with_stream().await;
    let old = connections(&app).await;
    // The old one stays for so long that the new one must have been opened beside it.
    app.sandbox
        .send_events(json!({"goodbyeMs": 3_600_000}))
        .await;
    app.sandbox.close_streams("disconnect").await;
    connected(&app, 2).await;
    app.sandbox.dismiss("lina").await;
    all_acknowledged(&app, 1).await;
    let all = app.sandbox.streams().await;
    let new = all.iter().find(|one| one["id"] != old[0].as_str()).unwrap();
    assert_eq!(new["acknowledged"], 1);
    assert_eq!(kinds(&app).await, ["user_leave_org"]);
}

#[actix_web::test]
async fn a_connection_that_breaks_is_replaced_and_nothing_is_lost() {
    let app = with_stream().await;
    app.sandbox.send_events(json!({"redeliveryMs": 50})).await;
    let old = connections(&app).await;
    app.sandbox.close_streams("abrupt").await;
    app.sandbox.dismiss("lina").await;
    all_acknowledged(&app, 1).await;
    assert_eq!(kinds(&app).await, ["user_leave_org"]);
    assert_ne!(connections(&app).await, old);
}

#[actix_web::test]
async fn wrong_credentials_are_told_and_right_ones_connect_at_once() {
    let app = with_stream().await;
    let wrong = json!({"clientSecret": "another"});
    app.sandbox.change_app(wrong).await;
    app.sandbox.close_streams("abrupt").await;
    let shown = shown_as(&app, "refused").await;
    let error = shown["stream"]["error"].as_str().unwrap();
    assert!(error.contains("Client ID and Client Secret"), "{error}");
    assert!(!error.contains("another"), "{error}");
    let right = json!({"clientSecret": dingtalk_sandbox::seed::CLIENT_SECRET});
    app.sandbox.change_app(right).await;
    // Saved once more, as it is.
    save_options(&app, json!({})).await;
    shown_as(&app, "connected").await;
}

#[actix_web::test]
async fn a_corp_id_that_is_put_right_counts_for_the_connection_at_once() {
    let app = with_stream().await;
    // Whoever saved it sees no mistake in it: events of another organization are not for this source.
    let wrong = "ding00000000000000000000000000000000";
    let replaced = async |corp_id: &str| {
        let old = connections(&app).await;
        save_options(&app, json!({"corpId": corp_id})).await;
        eventually("another connection", async || {
            let new = connections(&app).await;
            new.len() == 1 && new != old
        })
        .await;
    };
    replaced(wrong).await;
    app.sandbox.dismiss("lina").await;
    all_acknowledged(&app, 1).await;
    assert!(kept(&app).await.is_empty());
    replaced(dingtalk_sandbox::seed::CORP_ID).await;
    app.sandbox.dismiss("zhangwei").await;
    all_acknowledged(&app, 2).await;
    assert_eq!(kept(&app).await[0].subjects, json!(["user-zhangwei"]));
}

#[actix_web::test]
async fn dingtalk_that_is_away_is_asked_again_and_a_long_gap_has_all_read_again() {
    let app = with_stream().await;
    let endpoint = "/v1.0/gateway/connections/open";
    app.sandbox
        .fault(endpoint, "status500", Value::Null, 0)
        .await;
    app.sandbox.close_streams("abrupt").await;
    let waiting = shown_as(&app, "waiting").await;
    assert!(waiting["stream"]["error"].is_string(), "{waiting}");
    app.clock.advance(TimeDelta::seconds(61));
    app.sandbox.clear_faults().await;
    eventually("the run after the gap", async || {
        let rows = kept(&app).await;
        rows.iter()
            .any(|row| row.kind == "stream_gap" && row.state == event::State::Done)
    })
    .await;
    let source = app.store().directory_sources().await.unwrap()[0].id;
    let run = app.store().last_directory_run(source).await.unwrap();
    assert_eq!(run.unwrap().state, directory_run::State::Succeeded);
    // After a short one nothing is read.
    app.sandbox.close_streams("abrupt").await;
    app.sandbox.dismiss("lina").await;
    all_acknowledged(&app, 1).await;
    assert_eq!(kinds(&app).await, ["stream_gap", "user_leave_org"]);
}

#[actix_web::test]
async fn a_source_that_is_switched_off_ends_its_connection() {
    let app = with_stream().await;
    save_source(&app, json!({"mode": "off"})).await;
    connected(&app, 0).await;
    assert_eq!(shown(&app).await, Value::Null);
    save_source(&app, json!({"mode": "stream"})).await;
    connected(&app, 1).await;
}

#[actix_web::test]
async fn a_callback_is_not_taken_where_the_stream_is_wanted() {
    let app = with_stream().await;
    let path = "/api/dingtalk:callback?authenticator=dingtalk&signature=x&timestamp=1&nonce=n";
    let answer = app.browser().post(path, json!({"encrypt": "AAAA"})).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
}

#[actix_web::test]
async fn who_leaves_is_refused_within_two_seconds() {
    let app = with_stream().await;
    app.sandbox.hire(1).await;
    run(&app).await;
    let mut fastest = Duration::MAX;
    // Of three, so that a busy machine does not count.
    for person in ["lina", "zhangwei", "employee1"] {
        let session = app.browser().sign_in(&app.sandbox, person).await;
        let session = session.session().unwrap();
        let token = session["token"].as_str().unwrap();
        app.sandbox.dismiss(person).await;
        let left = Instant::now();
        eventually("the refusal of who left", async || {
            let check = app.browser().get_as(token, "/api/auth:check").await;
            check.status == StatusCode::UNAUTHORIZED
        })
        .await;
        fastest = fastest.min(left.elapsed());
    }
    assert!(fastest <= Duration::from_secs(2), "{fastest:?}");
}

#[actix_web::test]
async fn whoever_leaves_one_by_one_is_counted_over_an_hour() {
    let app = TestApp::start().await;
    app.sandbox.hire(8).await;
    save_source(&app, json!({"mode": "stream"})).await;
    connected(&app, 1).await;
    run(&app).await;
    // Otherwise somebody could leave before the event of their arrival is processed, which would then find them gone.
    eventually(
        "the end of the events of those who were hired",
        async || {
            kept(&app)
                .await
                .iter()
                .all(|row| row.state != event::State::Queued)
        },
    )
    .await;
    for number in 1..=5 {
        leaves(&app, number, event::State::Done).await;
    }
    // One more than may go without somebody's word: a run asks for it.
    leaves(&app, 6, event::State::Done).await;
    let source = app.store().directory_sources().await.unwrap()[0].id;
    let run = app
        .store()
        .last_directory_run(source)
        .await
        .unwrap()
        .unwrap();
    assert!(run.fingerprint.is_some(), "{run:?}");
    let gone = gone(&app).await;
    assert_eq!(gone.len(), 5, "{gone:?}");
    // An hour later they do not count any more.
    app.clock.advance(TimeDelta::minutes(61));
    leaves(&app, 7, event::State::Done).await;
    eventually("that one more is gone", async || {
        self::gone(&app).await.len() == 6
    })
    .await;
}

/// An employee leaves, and the event comes to this end.
async fn leaves(app: &TestApp, number: usize, state: event::State) {
    app.sandbox.dismiss(&format!("employee{number}")).await;
    eventually("the end of an event", async || {
        let rows = kept(app).await;
        let left = rows.iter().filter(|row| row.kind == "user_leave_org");
        left.clone().count() == number && left.clone().all(|row| row.state == state)
    })
    .await;
}

/// Who is gone, as it is remembered.
async fn gone(app: &TestApp) -> Vec<String> {
    let connection = app.database.connect().await;
    let rows = directory_member::Entity::find().all(&connection).await;
    connection.into_inner().close().await.unwrap();
    let gone = rows.unwrap().into_iter().filter(|row| row.is_gone);
    gone.map(|row| row.external_id).collect()
}
