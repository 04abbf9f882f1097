//! Events end in accounts: whoever they name is read anew, and nobody else.

use chrono::TimeDelta;
use entity::{audit, directory_member, directory_run, event};
use reqwest::StatusCode;
use sea_orm::EntityTrait;
use serde_json::{Value, json};

use super::{KEY, TOKEN, kept, save_source, with_callbacks};
use crate::support::{TestApp, eventually, run_ends};

/// Runs the source, and gives what is remembered of its people afterwards.
pub(super) async fn run(app: &TestApp) -> (Value, Vec<directory_member::Model>) {
    let mut browser = app.browser();
    let token = app.root_token().await;
    let path = "/api/dingtalkDirectory:run";
    let body = json!({"authenticator": "dingtalk"});
    let mut begun = browser.post_as(&token, path, body.clone()).await;
    // Events may have begun a run, which has to end first.
    eventually("a run begins", async || {
        if begun.code() == "DIRECTORY_UNDER_WAY" {
            begun = browser.post_as(&token, path, body.clone()).await;
        }
        begun.status == StatusCode::OK
    })
    .await;
    let id = begun.json()["data"]["runId"].as_i64().unwrap();
    run_ends(app.store(), id).await;
    let row = app.store().directory_run(id).await.unwrap().unwrap();
    assert_eq!(row.state, directory_run::State::Succeeded, "{row:?}");
    (row.counts, members(app).await)
}

async fn source_id(app: &TestApp) -> i64 {
    app.store().directory_sources().await.unwrap()[0].id
}

async fn last_run(app: &TestApp) -> i64 {
    let source = source_id(app).await;
    let run = app.store().last_directory_run(source).await.unwrap();
    run.map(|run| run.id).unwrap_or_default()
}

async fn members(app: &TestApp) -> Vec<directory_member::Model> {
    let connection = app.database.connect().await;
    let rows = directory_member::Entity::find().all(&connection).await;
    connection.into_inner().close().await.unwrap();
    rows.unwrap()
}

/// What is remembered of a person, with the name of the account.
async fn person(app: &TestApp, key: &str) -> Option<(directory_member::Model, Option<String>)> {
    let source = source_id(app).await;
    let found = app.store().mirrored_by_key(source, key).await.unwrap();
    found.map(|(row, account)| (row, account.and_then(|account| account.nickname)))
}

#[actix_web::test]
async fn whoever_is_hired_renamed_moved_and_leaves_is_up_to_date_without_a_run() {
    let app = with_callbacks().await;
    run(&app).await;
    let first = last_run(&app).await;
    let hired = json!({"id": "newcomer", "name": "新人", "mobile": "13900000077"});
    app.sandbox.hire_person(hired).await;
    eventually("the account of who was hired", async || {
        let found = person(&app, "user-newcomer").await;
        found.is_some_and(|(row, name)| row.user_id.is_some() && name.as_deref() == Some("新人"))
    })
    .await;
    let account = person(&app, "user-newcomer").await.unwrap().0.user_id;

    let renamed = json!({"name": "Renamed"});
    app.sandbox.change_person("newcomer", renamed).await;
    eventually("the other name", async || {
        let found = person(&app, "user-newcomer").await;
        found.is_some_and(|(_, name)| name.as_deref() == Some("Renamed"))
    })
    .await;

    let before = person(&app, "user-newcomer").await.unwrap().0.departments;
    let departments = json!([{"id": 1, "order": 1, "leader": true}]);
    let moved = json!({"departments": departments});
    app.sandbox.change_person("newcomer", moved).await;
    eventually("the other department", async || {
        let found = person(&app, "user-newcomer").await;
        found.is_some_and(|(row, _)| row.departments != before)
    })
    .await;

    // Just as a run of all would have left it.
    let after_events = members(&app).await;
    let (counts, after_run) = run(&app).await;
    assert_eq!(counts["created"], 0, "{counts}");
    assert_eq!(counts["updated"], 0, "{counts}");
    assert_eq!(after_run, after_events);

    let second = last_run(&app).await;
    assert_eq!(second, first + 1, "only those that were asked for");
    app.sandbox.dismiss("newcomer").await;
    eventually("that they are gone", async || {
        let found = person(&app, "user-newcomer").await;
        found.is_some_and(|(row, _)| row.is_gone)
    })
    .await;
    assert_eq!(last_run(&app).await, second);
    let actions = audited(&app, account.unwrap()).await;
    assert_eq!(
        actions,
        ["directoryCreate", "directoryUpdate", "directoryEnd"]
    );
}

/// What administrators see of the events.
async fn events_shown(app: &TestApp) -> Value {
    let mut browser = app.browser();
    let token = app.root_token().await;
    let sources = browser
        .get_as(&token, "/api/dingtalkDirectory:sources")
        .await;
    sources.json()["data"][0]["events"].clone()
}

/// What events did to an account.
async fn audited(app: &TestApp, account: i64) -> Vec<String> {
    let connection = app.database.connect().await;
    let rows = audit::Entity::find().all(&connection).await.unwrap();
    connection.into_inner().close().await.unwrap();
    let by_events = rows.into_iter().filter(|row| {
        let cause = row.request_id.as_deref().unwrap_or_default();
        row.user_id == Some(account) && cause.starts_with("event:")
    });
    by_events.map(|row| row.action).collect()
}

#[actix_web::test]
async fn who_leaves_is_refused_at_once_and_is_let_in_when_back() {
    let app = with_callbacks().await;
    run(&app).await;
    let session = app.browser().sign_in(&app.sandbox, "lina").await;
    let session = session.session().unwrap();
    let token = session["token"].as_str().unwrap();
    let id = person(&app, "user-lina").await.unwrap().0.user_id;
    app.sandbox.dismiss("lina").await;
    eventually("the refusal of who left", async || {
        let check = app.browser().get_as(token, "/api/auth:check").await;
        check.status == StatusCode::UNAUTHORIZED
    })
    .await;
    // Their sessions end before the run has noted that they left.
    eventually("that they left", async || {
        let rows = members(&app).await;
        rows.iter().any(|row| row.user_id == id && row.is_gone)
    })
    .await;
    app.sandbox.rehire("lina").await;
    eventually("that they are back", async || {
        let rows = members(&app).await;
        rows.iter().any(|row| row.user_id == id && !row.is_gone)
    })
    .await;
    let back = app.browser().sign_in(&app.sandbox, "lina").await;
    assert!(back.session().is_some(), "{}", back.text);
}

#[actix_web::test]
async fn an_event_that_fails_is_tried_again_and_kept_as_failed_after_a_day() {
    let app = with_callbacks().await;
    run(&app).await;
    let permissions = json!(["Contact.User.Read", "qyapi_get_department_list"]);
    let lacking = json!({"permissions": permissions});
    app.sandbox.change_app(lacking).await;
    app.sandbox
        .change_person("lina", json!({"name": "Other"}))
        .await;
    eventually("a failure", async || {
        let rows = kept(&app).await;
        rows.iter().any(|row| row.attempts == 1)
    })
    .await;
    let failed = kept(&app).await.remove(0);
    assert_eq!(failed.state, event::State::Queued);
    let shown = events_shown(&app).await;
    assert_eq!((&shown["queued"], &shown["failed"]), (&json!(1), &json!(0)));
    assert!(shown["lastReceivedAt"].is_string(), "{shown}");
    let why = failed.error.unwrap();
    assert!(why.contains("qyapi_get_member"), "{why}");
    app.clock.advance(TimeDelta::hours(25));
    eventually("the end of an event", async || {
        kept(&app)
            .await
            .iter()
            .all(|row| row.state == event::State::Failed)
    })
    .await;
    assert_eq!(events_shown(&app).await["failed"], 1);
    assert_ne!(
        person(&app, "user-lina").await.unwrap().1.as_deref(),
        Some("Other")
    );
}

#[actix_web::test]
async fn what_was_told_while_nobody_answered_is_asked_for() {
    let app = with_callbacks().await;
    run(&app).await;
    app.sandbox.give_up_at_once().await;
    // As while the server is away: nothing is taken.
    switch(&app, false).await;
    app.sandbox.dismiss("lina").await;
    eventually("that DingTalk gives up", async || {
        let events = app.sandbox.events().await;
        events.iter().any(|event| event["outcome"] == "failed")
    })
    .await;
    assert!(kept(&app).await.is_empty());
    switch(&app, true).await;
    nocobase_dingtalk::worker::events::ask_for_missed(app.server.app.clone()).await;
    eventually("that who left is gone", async || {
        person(&app, "user-lina").await.unwrap().0.is_gone
    })
    .await;
}

/// Has the source take callbacks, or none.
async fn switch(app: &TestApp, on: bool) {
    let mode = if on { "callback" } else { "off" };
    save_source(app, json!({"mode": mode, "token": TOKEN, "aesKey": KEY})).await;
}

#[actix_web::test]
async fn whom_the_application_may_not_see_is_left_alone() {
    let app = with_callbacks().await;
    run(&app).await;
    let scope = json!({"departments": [], "people": ["user-zhangwei"]});
    app.sandbox.change_app(json!({"contactScope": scope})).await;
    app.sandbox
        .change_person("lina", json!({"name": "Other"}))
        .await;
    eventually("the end of an event", async || {
        let rows = kept(&app).await;
        let mut rows = rows.iter().filter(|row| row.kind == "user_modify_org");
        rows.next()
            .is_some_and(|row| row.state == event::State::Ignored)
    })
    .await;
    let (row, name) = person(&app, "user-lina").await.unwrap();
    assert!(!row.is_gone);
    assert_ne!(name.as_deref(), Some("Other"));
}

#[actix_web::test]
async fn an_event_that_concerns_all_and_one_of_a_department_begin_a_run() {
    let app = with_callbacks().await;
    run(&app).await;
    let mut last = last_run(&app).await;
    for round in 0..2 {
        if round == 0 {
            app.sandbox.tell("org_change", json!({})).await;
        } else {
            let renamed = json!({"name": "Renamed"});
            app.sandbox.change_department(919_600_001, renamed).await;
        }
        eventually("a run that an event began", async || {
            last_run(&app).await > last
        })
        .await;
        last = last_run(&app).await;
        run_ends(app.store(), last).await;
        eventually("the end of all events", async || {
            kept(&app)
                .await
                .iter()
                .all(|row| row.state == event::State::Done)
        })
        .await;
    }
    let source = source_id(&app).await;
    let departments = app.store().mirrored_departments(source).await.unwrap();
    assert!(departments.iter().any(|row| row.title == "Renamed"));
}
