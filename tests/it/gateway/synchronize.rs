//! NocoBase's page «Synchronize» with sources of ours: types, saving, runs and their tasks.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use reqwest::StatusCode;
use serde_json::{Value, json};

use super::directory::{Asked, Office, Script};
use super::forwarding::run;
use crate::support::nocobase::answer;
use crate::support::roles::new_role;
use crate::support::{ends, eventually};

/// What the form sends.
fn row(name: &str, options: &Value) -> Value {
    json!({"name": name, "sourceType": "dingtalk", "enabled": true, "options": options})
}

impl Office {
    /// Status and body of what anybody gets for this.
    async fn said(&mut self, action: &str, body: Value) -> (StatusCode, Value) {
        let path = format!("/api/{action}");
        let answer = self.browser.post_as(&self.token, &path, body).await;
        let body = serde_json::from_str(&answer.text).unwrap_or_default();
        (answer.status, body)
    }

    async fn source(&self) -> Value {
        let path = "/api/dingtalkDirectory:sources";
        let answer = self.gateway.browser().get_as(&self.token, path).await;
        answer.json()["data"][0]["source"].clone()
    }

    /// What was written to the list of tasks since this was asked last.
    fn tasks(&self) -> Vec<String> {
        let written = std::mem::take(&mut *self.written.lock().unwrap());
        let is_task = |entry: &String| entry.starts_with("userDataSyncTasks");
        written.into_iter().filter(is_task).collect()
    }

    /// The next task that ends.
    async fn ended(&self) -> Vec<String> {
        let mut tasks = Vec::new();
        let store = self.gateway.app.store();
        ends("the task of a run", async || {
            tasks.extend(self.tasks());
            if tasks.iter().any(|entry| entry.contains("\"cost\"")) {
                return None;
            }
            let source = store.directory_sources().await.unwrap().remove(0);
            let run = store.newest_directory_run(source.id).await.unwrap();
            Some(run.map_or_else(String::new, |run| {
                format!(
                    "{:?} {} {} of {}",
                    run.state, run.phase, run.done, run.total
                )
            }))
        })
        .await;
        tasks
    }
}

#[actix_web::test]
async fn the_page_offers_our_type_and_only_while_the_plugin_is_on() {
    let mut office = Office::open(false).await;
    let (status, types) = office.said("userData:listSyncTypes", json!({})).await;
    assert_eq!(status, StatusCode::OK, "{types}");
    let names: Vec<_> = types["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["name"])
        .collect();
    assert_eq!(names, ["other", "dingtalk"]);
    let app = office.gateway.server.app.clone();
    let switched = async move { app.store.set_switch("auth-dingtalk", false).await };
    office.gateway.server.does(switched).await.unwrap();
    office.gateway.know().await;
    let (_, types) = office.said("userData:listSyncTypes", json!({})).await;
    assert_eq!(types["data"].as_array().unwrap().len(), 1);
}

#[actix_web::test]
async fn what_the_page_saves_is_checked_and_runs_as_whoever_saved_it() {
    let mut office = Office::open(false).await;
    office.gateway.have_sync_sources(&[]).await;
    for (wrong, status) in [
        (json!({}), StatusCode::BAD_REQUEST),
        (json!({"authenticator": "nobody"}), StatusCode::NOT_FOUND),
        (
            json!({"authenticator": "dingtalk", "leavers": "forget"}),
            StatusCode::BAD_REQUEST,
        ),
        (
            json!({"authenticator": "dingtalk", "safetyLimitPercent": 0}),
            StatusCode::BAD_REQUEST,
        ),
    ] {
        let (told, body) = office
            .said("userDataSyncSources:create", row("dt", &wrong))
            .await;
        assert_eq!(told, status, "{wrong}: {body}");
    }
    assert_eq!(
        office.written.lock().unwrap().len(),
        0,
        "NocoBase has kept none of it"
    );

    let options = json!({"authenticator": "dingtalk", "leavers": "unbind"});
    let (status, body) = office
        .said("userDataSyncSources:create", row("dt", &options))
        .await;
    assert_eq!(status, StatusCode::OK, "{body}");
    let source = office.source().await;
    assert_eq!(source["options"]["leavers"], "unbind", "{source}");
    assert_eq!(
        (&source["enabled"], &source["actingUserId"]),
        (&json!(true), &json!(1))
    );

    office
        .gateway
        .have_sync_sources(&[("dt", "dingtalk", options.clone())])
        .await;
    let (status, body) = office
        .said("userDataSyncSources:create", row("dt2", &options))
        .await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert_eq!(body["errors"][0]["code"], "DIRECTORY_SECOND_SOURCE");
    let change = json!({"enabled": false});
    let (status, body) = office
        .said("userDataSyncSources:update?filterByTk=1", change.clone())
        .await;
    assert_eq!(status, StatusCode::OK, "{body}");
    let source = office.source().await;
    assert_eq!(source["enabled"], false);
    assert_eq!(
        source["options"]["leavers"], "unbind",
        "what was not sent stays"
    );

    // Ways in which a row could be changed that is not looked at.
    for action in [
        "userDataSyncSources:update?filter={}",
        "userDataSyncSources:updateOrCreate",
        "userDataSyncSources:update?filterByTk=1&filterByTk=2",
    ] {
        let (status, body) = office.said(action, change.clone()).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{action}: {body}");
    }
    // Of other types it is NocoBase's alone.
    let other = json!({"name": "x", "sourceType": "ldap", "options": {"url": "ldap://x"}});
    let (status, _) = office.said("userDataSyncSources:create", other).await;
    assert_eq!(status, StatusCode::OK);
}

#[actix_web::test]
async fn a_role_for_the_page_alone_neither_saves_nor_runs_a_source() {
    let mut office = Office::open(false).await;
    let options = json!({"authenticator": "dingtalk"});
    let rows = [
        ("dt", "dingtalk", options.clone()),
        ("ldap", "ldap", json!({})),
    ];
    office.gateway.have_sync_sources(&rows).await;
    let (clerk, token) = office.gateway.member("clerk", None).await;
    let actions = json!(["view", "create", "update"]);
    let role = new_role("clerk", json!(["pm.user-data-sync"]), &actions);
    let store = office.gateway.app.store();
    store.create_role(role).await.unwrap();
    store.set_roles(clerk, &["clerk".to_owned()]).await.unwrap();
    office.token = token;
    let (status, _) = office.said("userData:listSyncTypes", json!({})).await;
    assert_eq!(status, StatusCode::OK);
    // A source of another type is NocoBase's, which knows what the role may do.
    let (status, told) = office
        .said(
            "userDataSyncSources:update?filterByTk=2",
            json!({"name": "x"}),
        )
        .await;
    assert_eq!(status, StatusCode::OK, "{told}");
    for (action, body) in [
        ("userDataSyncSources:create", row("dt", &options)),
        (
            "userDataSyncSources:update?filterByTk=1",
            json!({"enabled": false}),
        ),
        (
            "userDataSyncSources:update?filterByTk=01",
            json!({"enabled": false}),
        ),
        ("userData:pull?name=dt", json!({})),
        ("userData:retry?id=1&sourceId=1", json!({})),
        ("userData:retry?id=1&sourceId=01", json!({})),
        // Which rows it would change is not known.
        ("userDataSyncSources:updateOrCreate", json!({"name": "x"})),
    ] {
        let (status, told) = office.said(action, body).await;
        assert_eq!(status, StatusCode::FORBIDDEN, "{action}: {told}");
    }
    office.gateway.have_sync_sources(&[]).await;
    let (status, told) = office
        .said("userDataSyncSources:updateOrCreate", json!({"name": "x"}))
        .await;
    assert_eq!(status, StatusCode::OK, "there is none of ours: {told}");
}

#[actix_web::test]
async fn nocobase_gets_no_secret_of_a_source() {
    let mut office = Office::open(false).await;
    office.gateway.have_sync_sources(&[]).await;
    let key = "abcdefghijabcdefghijabcdefghijabcdefghijabc";
    let events = json!({"mode": "callback", "token": "tokenOfCallbacks", "aesKey": key});
    let options = json!({"authenticator": "dingtalk", "events": events});
    let (status, body) = office
        .said("userDataSyncSources:create", row("dt", &options))
        .await;
    assert_eq!(status, StatusCode::OK, "{body}");
    let written = office.written.lock().unwrap().join(" ");
    assert!(written.contains("********"), "{written}");
    assert!(
        !written.contains(key) && !written.contains("tokenOf"),
        "{written}"
    );
    let app = office.gateway.app.store();
    let kept = app.directory_sources().await.unwrap().remove(0);
    assert_eq!(kept.options["events"]["aesKey"], key, "here it is needed");
}

#[actix_web::test]
async fn a_source_ends_when_its_row_is_of_another_type_or_authenticator() {
    let mut office = Office::open(false).await;
    office.gateway.create_authenticator("second", true).await;
    let options = json!({"authenticator": "dingtalk"});
    let rows = [("dt", "dingtalk", options)];
    office.gateway.have_sync_sources(&rows).await;
    let update = "userDataSyncSources:update?filterByTk=1";
    let of_second = json!({"authenticator": "second"});
    for (change, enabled) in [
        (json!({"name": "renamed"}), true),
        (json!({"options": {"authenticator": "dingtalk"}}), true),
        (json!({"sourceType": "ldap"}), false),
        (json!({"enabled": true}), true),
        (json!({"options": of_second}), false),
    ] {
        let (status, body) = office.said(update, change.clone()).await;
        assert_eq!(status, StatusCode::OK, "{change}: {body}");
        assert_eq!(office.source().await["enabled"], enabled, "{change}");
    }
}

#[actix_web::test]
async fn who_saves_a_source_that_nocobase_alone_has_saved_is_told_to_save_it_again() {
    let mut office = Office::open(false).await;
    office.gateway.have_sync_sources(&[]).await;
    let table = "dingtalk_directory_sources";
    let rename =
        |from: &str, to: &str| format!(r#"ALTER TABLE "{table}" RENAME COLUMN "{from}" TO "{to}""#);
    run(&office.gateway, &rename("options", "away")).await;
    let options = json!({"authenticator": "dingtalk", "leavers": "unbind"});
    let form = row("dt", &options);
    let create = "userDataSyncSources:create";
    let (status, body) = office.said(create, form.clone()).await;
    assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR, "{body}");
    assert_eq!(body["errors"][0]["code"], "DIRECTORY_SAVED_BY_HALF");
    let written = office.written.lock().unwrap().join(" ");
    assert!(written.contains(create), "{written}");

    run(&office.gateway, &rename("away", "options")).await;
    let rows = [("dt", "dingtalk", options)];
    office.gateway.have_sync_sources(&rows).await;
    let update = "userDataSyncSources:update?filterByTk=1";
    let (status, body) = office.said(update, form).await;
    assert_eq!(status, StatusCode::OK, "{body}");
    assert_eq!(office.source().await["options"]["leavers"], "unbind");
}

/// A NocoBase that removes a row only when the test has removed it, and without that none.
#[derive(Default)]
struct Removal {
    arrived: AtomicBool,
    removed: AtomicBool,
}

impl Script for Removal {
    fn answers(&self, asked: &Asked<'_>) -> Option<String> {
        if asked.action != "userDataSyncSources:destroy" {
            return None;
        }
        if asked.query.contains("filterByTk=1") {
            self.arrived.store(true, Ordering::Release);
            while !self.removed.load(Ordering::Acquire) {
                std::thread::yield_now();
            }
        }
        Some(answer(&json!({"data": 1})))
    }
}

#[actix_web::test]
async fn a_source_ends_when_nocobase_has_removed_its_row_and_not_before() {
    let removal = Arc::new(Removal::default());
    let mut office = Office::with(false, removal.clone()).await;
    let rows = [("dt", "dingtalk", json!({"authenticator": "dingtalk"}))];
    office.gateway.have_sync_sources(&rows).await;
    let (status, _) = office
        .said("userDataSyncSources:destroy?filterByTk=7", json!({}))
        .await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(office.source().await["enabled"], true);
    let mut browser = office.gateway.browser();
    let path = "/api/userDataSyncSources:destroy?filterByTk=1";
    let destroy = browser.post_as(&office.token, path, json!({}));
    let remove = async {
        eventually("the removal", async || {
            removal.arrived.load(Ordering::Acquire)
        })
        .await;
        office.gateway.have_sync_sources(&[]).await;
        removal.removed.store(true, Ordering::Release);
    };
    let (answer, ()) = futures_util::join!(destroy, remove);
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    assert_eq!(office.source().await["enabled"], false);
}

#[actix_web::test]
async fn synchronize_begins_a_run_and_its_task_tells_how_it_ended() {
    let mut office = Office::open(false).await;
    let options = json!({"authenticator": "dingtalk"});
    office
        .gateway
        .have_sync_sources(&[("dt", "dingtalk", options)])
        .await;
    for action in ["userData:pull?name=dt", "userData:retry?id=7&sourceId=1"] {
        let (status, body) = office.said(action, json!({})).await;
        assert_eq!((status, &body), (StatusCode::OK, &json!({})), "{action}");
        let tasks = office.ended().await;
        // One that a dead process left, then ours.
        assert!(
            tasks[0].contains("filterByTk=4") && tasks[0].contains("failed"),
            "{tasks:?}"
        );
        assert!(
            tasks[1].starts_with("userDataSyncTasks:create"),
            "{tasks:?}"
        );
        assert!(tasks[1].contains(r#""status":"processing""#), "{tasks:?}");
        let last = tasks.last().unwrap();
        assert!(last.contains(r#""status":"success""#), "{last}");
        assert!(last.contains(" people: "), "{last}");
    }
    let (status, body) = office.said("userData:pull?name=nobody", json!({})).await;
    assert_eq!(status, StatusCode::OK, "NocoBase answers: {body}");
    assert_eq!(office.tasks(), [""; 0]);
}

#[actix_web::test]
async fn a_source_follows_when_its_authenticator_gets_another_name() {
    let mut office = Office::open(false).await;
    let options = json!({"authenticator": "dingtalk", "leavers": "unbind"});
    let source = [("dt", "dingtalk", options)];
    office.gateway.have_sync_sources(&source).await;
    let rows = office.gateway.app.store().authenticators().await.unwrap();
    let row = rows.iter().find(|row| row.name == "dingtalk").unwrap();
    let action = format!("authenticators:update?filterByTk={}", row.id);
    let (status, body) = office.said(&action, json!({"name": "office"})).await;
    assert_eq!(status, StatusCode::OK, "{body}");

    let written = std::mem::take(&mut *office.written.lock().unwrap());
    let kept = written
        .iter()
        .find_map(|entry| entry.strip_prefix("userDataSyncSources:update?filterByTk=1 "));
    let kept: Value = serde_json::from_str(kept.expect("the source is written anew")).unwrap();
    let options = json!({"authenticator": "office", "leavers": "unbind"});
    assert_eq!(kept, json!({"options": options}));
    let source = [("dt", "dingtalk", options)];
    office.gateway.have_sync_sources(&source).await;
    office.gateway.know().await;
    let (status, body) = office.said("userData:pull?name=dt", json!({})).await;
    assert_eq!(status, StatusCode::OK, "{body}");
    let tasks = office.ended().await;
    let last = tasks.last().unwrap();
    assert!(last.contains(r#""status":"success""#), "{last}");
}
