//! Events that something holds up: a database that fails, a NocoBase that is away, a long run of another source.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use entity::directory_run;
use entity::event::{State, Subject, Transport};
use nocobase_dingtalk::store::NewEvent;
use nocobase_dingtalk::worker::events::ask_for_missed;
use serde_json::{Value, json};

use super::accounts::run;
use super::{KEY, TOKEN, kept, rows_in, save_source, with_callbacks};
use crate::gateway::directory::{Asked, Office, Script};
use crate::support::eventually;
use crate::support::lookups::change;

/// An event as a receiver stores it.
fn event(authenticator_id: i64, subject: Subject, subjects: &[&str]) -> NewEvent {
    NewEvent {
        authenticator_id,
        event_id: format!("{} {authenticator_id}", subject.name()),
        kind: "test".to_owned(),
        transport: Transport::Callback,
        subject,
        subjects: subjects.iter().map(|&one| one.to_owned()).collect(),
        born_at: None,
    }
}

#[actix_web::test]
async fn missed_callbacks_are_not_lost_while_the_database_cannot_be_written() {
    let app = with_callbacks().await;
    run(&app).await;
    app.sandbox.give_up_at_once().await;
    let off = json!({"mode": "off", "token": TOKEN, "aesKey": KEY});
    save_source(&app, off).await;
    for person in ["lina", "zhangwei"] {
        app.sandbox.dismiss(person).await;
    }
    eventually("that DingTalk gives up", async || {
        let events = app.sandbox.events().await;
        let failed = events.iter().filter(|event| event["outcome"] == "failed");
        failed.count() == 2
    })
    .await;
    let on = json!({"mode": "callback", "token": TOKEN, "aesKey": KEY});
    save_source(&app, on).await;
    let away = r#"ALTER TABLE "dingtalk_events" RENAME COLUMN "kind" TO "away""#;
    change(&app.database, away).await;
    // DingTalk forgets what it gives.
    let asks = ask_for_missed(app.server.app.clone());
    let comes_back = async {
        eventually("the question", async || {
            app.sandbox
                .calls("/call_back/get_call_back_failed_result")
                .await
                > 0
        })
        .await;
        let back = r#"ALTER TABLE "dingtalk_events" RENAME COLUMN "away" TO "kind""#;
        change(&app.database, back).await;
    };
    futures_util::join!(asks, comes_back);
    let mut kinds: Vec<_> = kept(&app).await.into_iter().map(|row| row.kind).collect();
    kinds.dedup();
    assert_eq!(kinds, ["user_leave_org"]);
    assert_eq!(kept(&app).await.len(), 2);
}

#[actix_web::test]
async fn a_long_run_of_one_source_holds_up_no_event_of_another() {
    let app = with_callbacks().await;
    let mut browser = app.browser();
    let token = app.root_token().await;
    let first = app
        .store()
        .authenticator("dingtalk")
        .await
        .unwrap()
        .unwrap();
    let body = json!({"name": "second", "authType": "dingtalk", "enabled": true, "options": first.options});
    let made = browser
        .post_as(&token, "/api/authenticators:create", body)
        .await;
    assert_eq!(made.status, 200, "{}", made.text);
    let second = made.id();
    let options = json!({"events": {"mode": "callback", "token": TOKEN, "aesKey": KEY}});
    let body = json!({"authenticator": "second", "enabled": true, "options": options});
    let saved = browser
        .post_as(&token, "/api/dingtalkDirectory:saveSource", body)
        .await;
    assert_eq!(saved.status, 200, "{}", saved.text);

    let store = app.store();
    // Reading takes long, and less than after what a call counts as lost.
    let departments = "/topapi/v2/department/listsub";
    for slow in [departments, "/topapi/v2/user/list"] {
        app.sandbox.fault(slow, "delay", Value::Null, 4_000).await;
    }
    store
        .add_event(event(first.id, Subject::Everything, &[]))
        .await
        .unwrap();
    let source = store.directory_source_of(first.id).await.unwrap().unwrap();
    eventually("the run", async || app.sandbox.calls(departments).await > 0).await;
    store
        .add_event(event(second, Subject::People, &["nobody"]))
        .await
        .unwrap();
    // Nobody of this name is there, which may be asked several times.
    eventually("an attempt at the other source's event", async || {
        let rows = kept(&app).await;
        let mut rows = rows.iter().filter(|row| row.authenticator_id == second);
        rows.next()
            .is_some_and(|row| row.state != State::Queued || row.attempts > 0)
    })
    .await;
    let run = store.last_directory_run(source.id).await.unwrap().unwrap();
    assert_eq!(run.state, directory_run::State::Running);
}

/// A NocoBase whose departments cannot be read for a while.
#[derive(Default)]
struct Ailing(AtomicBool);

impl Script for Ailing {
    fn answers(&self, asked: &Asked<'_>) -> Option<String> {
        let fails = self.0.load(Ordering::Relaxed) && asked.action.starts_with("departments");
        fails.then(|| "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n".to_owned())
    }
}

#[actix_web::test]
async fn while_nocobase_is_away_dingtalk_is_not_asked_the_same_again_and_again() {
    let ailing = Arc::new(Ailing::default());
    let mut office = Office::with(true, ailing.clone()).await;
    office
        .save(json!({"events": {"mode": "callback", "token": TOKEN, "aesKey": KEY}}))
        .await;
    ailing.0.store(true, Ordering::Relaxed);
    let app = &office.gateway.app;
    // The server that plays NocoBase processes no events itself.
    app.server.app.begin_to_end();
    let store = &office.gateway.server.app.store;
    let authenticator = store.authenticator("dingtalk").await.unwrap().unwrap().id;
    let both = vec![
        event(authenticator, Subject::Departments, &["1"]),
        event(authenticator, Subject::People, &["user-lina"]),
    ];
    store.add_events(authenticator, both).await.unwrap();
    eventually("a pause before the next attempt", async || {
        let rows = rows_in(&app.database).await;
        let person = rows
            .iter()
            .find(|row| row.subject == Subject::People)
            .unwrap();
        person.attempts > 0 && person.error.is_some()
    })
    .await;
}
