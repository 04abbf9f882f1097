//! A source that changes between the moment in which somebody reads it and the beginning of a run, and one that
//! cannot be read at all.

use entity::directory_run::State;
use entity::{authenticator, directory_run, directory_source};
use nocobase_dingtalk::domain::directory::run::Purpose;
use nocobase_dingtalk::state::directory_runs::run_to_end;
use nocobase_dingtalk::store::SourceValues;
use nocobase_dingtalk::worker::directory::run_what_is_due;
use reqwest::StatusCode;
use sea_orm::EntityTrait;
use serde_json::{Value, json};

use crate::directory::Administrator;
use crate::support::{TestApp, logs};

async fn source(app: &TestApp) -> directory_source::Model {
    app.store().directory_sources().await.unwrap().remove(0)
}

/// A run of a source as somebody has read it some time ago.
async fn run_of(app: &TestApp, read: directory_source::Model) -> directory_run::Model {
    let state = app.server.app.clone();
    let purpose = Purpose::Run { agreed: None };
    let done = async move { run_to_end(&state, &read, purpose, None).await };
    let id = app.server.does(done).await.unwrap();
    app.store().directory_run(id).await.unwrap().unwrap()
}

#[actix_web::test]
async fn a_run_begins_with_the_source_as_it_is_then() {
    let app = TestApp::start().await;
    let mut admin = Administrator::of(&app).await;
    admin.save(json!({})).await;
    let read = source(&app).await;
    admin.save(json!({"createAccounts": false})).await;
    let run = run_of(&app, read).await;
    assert_eq!(run.state, State::Succeeded, "{run:?}");
    assert_eq!(app.count_users().await, 1);
}

#[actix_web::test]
async fn a_source_that_was_switched_off_or_removed_meanwhile_does_nothing() {
    let app = TestApp::start().await;
    let mut admin = Administrator::of(&app).await;
    let saved = |enabled: bool| json!({"authenticator": "dingtalk", "enabled": enabled});
    admin.post("saveSource", saved(true)).await;
    let read = source(&app).await;
    admin.post("saveSource", saved(false)).await;
    let run = run_of(&app, read.clone()).await;
    assert_eq!(run.state, State::Failed, "{run:?}");
    let why = run.message.unwrap();
    assert!(why.contains("switched off"), "{why}");
    let body = json!({"authenticator": "dingtalk"});
    admin.post("destroySource", body).await;
    let run = run_of(&app, read).await;
    assert_eq!(run.state, State::Failed, "{run:?}");
    assert_eq!(app.count_users().await, 1);
}

/// How many sources there are after a step of the worker that looks at them.
async fn sources_after_a_step(app: &TestApp) -> usize {
    let step = run_what_is_due(app.server.app.clone());
    app.server.does(step).await;
    app.store().directory_sources().await.unwrap().len()
}

#[actix_web::test]
async fn a_source_is_removed_after_its_authenticator() {
    let app = TestApp::start().await;
    let mut admin = Administrator::of(&app).await;
    admin.save(json!({})).await;
    let id = source(&app).await.authenticator_id;
    assert_eq!(sources_after_a_step(&app).await, 1);
    let path = format!("/api/authenticators:destroy?filterByTk={id}");
    let gone = admin.browser.post_as(&admin.token, &path, json!({})).await;
    assert_eq!(gone.status, StatusCode::OK, "{}", gone.text);
    assert_eq!(sources_after_a_step(&app).await, 0);
}

#[actix_web::test]
async fn while_there_are_no_authenticators_at_all_no_source_is_removed() {
    let app = TestApp::start().await;
    let mut admin = Administrator::of(&app).await;
    admin.save(json!({})).await;
    let connection = app.database.connect().await;
    let all = authenticator::Entity::delete_many();
    all.exec(&connection).await.unwrap();
    connection.into_inner().close().await.unwrap();
    assert_eq!(sources_after_a_step(&app).await, 1);
}

#[actix_web::test]
async fn a_source_whose_account_is_gone_does_nothing_until_somebody_saves_it_again() {
    let app = TestApp::start().await;
    let mut admin = Administrator::of(&app).await;
    admin.save(json!({})).await;
    let saved = source(&app).await;
    let acting = app.create_user("Saved it, and left", None).await;
    let values = SourceValues {
        authenticator_id: saved.authenticator_id,
        enabled: saved.enabled,
        options: saved.options,
        acting_user_id: acting,
    };
    let transaction = app.store().begin_settings().await.unwrap();
    let read = transaction.save_directory_source(values).await.unwrap();
    transaction.commit().await.unwrap();
    let path = format!("/api/users:destroy?filterByTk={acting}");
    let gone = admin.browser.post_as(&admin.token, &path, json!({})).await;
    assert_eq!(gone.status, StatusCode::OK, "{}", gone.text);

    // Whoever asks for a run or a preview is told at once, and none begins.
    for action in ["run", "preview"] {
        let path = format!("/api/dingtalkDirectory:{action}");
        let body = json!({"authenticator": "dingtalk"});
        let refused = admin.browser.post_as(&admin.token, &path, body).await;
        let told = (refused.status, refused.code());
        let expected = "DIRECTORY_ACCOUNT_GONE".to_owned();
        assert_eq!(told, (StatusCode::BAD_REQUEST, expected), "{action}");
        let message = refused.message();
        assert!(message.contains("Save the source again"), "{message}");
    }
    assert_eq!(admin.rows("runs", "").await, Vec::<Value>::new());
    // Nobody waits for what begins by its schedule, so the run itself says why it did nothing.
    let run = run_of(&app, read).await;
    assert_eq!(run.state, State::Failed, "{run:?}");
    let why = run.message.unwrap();
    assert!(why.contains("save the source again"), "{why}");
    assert_eq!(app.count_users().await, 1);

    admin.save(json!({})).await;
    let run = run_of(&app, source(&app).await).await;
    assert_eq!(run.state, State::Succeeded, "{run:?}");
}

#[actix_web::test]
async fn options_that_cannot_be_read_are_logged_once_for_each_content() {
    let app = TestApp::start().await;
    let dingtalk = app.store().authenticator("dingtalk").await.unwrap();
    let authenticator_id = dingtalk.unwrap().id;
    let look_after_writing = async |options: Value| {
        let values = SourceValues {
            authenticator_id,
            enabled: true,
            options,
            acting_user_id: 1,
        };
        let transaction = app.store().begin_settings().await.unwrap();
        transaction.save_directory_source(values).await.unwrap();
        transaction.commit().await.unwrap();
        for _ in 0..2 {
            let state = app.server.app.clone();
            app.server.does(run_what_is_due(state)).await;
        }
        let told = format!("the directory of authenticator {authenticator_id} neither runs");
        logs().matches(&told).count()
    };
    let wrong = json!({"schedule": "whenever"});
    assert_eq!(look_after_writing(wrong.clone()).await, 1);
    let why = "the options of the source are wrong: schedule";
    assert!(logs().contains(why));
    assert_eq!(look_after_writing(wrong).await, 1, "it was told");
    let other = json!({"schedule": "whenever", "departments": 7});
    assert_eq!(look_after_writing(other).await, 2, "this one was not");
    assert_eq!(look_after_writing(json!({})).await, 2, "this can be read");
}
