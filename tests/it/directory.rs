//! The directory over HTTP: the people of the sandbox's organization become accounts and stay the
//! same accounts.

use chrono::TimeDelta;
use entity::directory_run::State;
use nocobase_dingtalk::domain::directory::run::{Purpose, Run};
use nocobase_dingtalk::worker::directory::end_dead_runs;
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::support::{Browser, Place, TestApp, run_ends};

/// An administrator who uses the directory.
pub struct Administrator {
    pub browser: Browser,
    pub token: String,
}

impl Administrator {
    pub async fn of(app: &TestApp) -> Self {
        let browser = app.browser();
        let token = app.root_token().await;
        Self { browser, token }
    }

    pub async fn post(&mut self, action: &str, body: Value) -> Value {
        let path = format!("/api/dingtalkDirectory:{action}");
        let answer = self.browser.post_as(&self.token, &path, body).await;
        assert_eq!(answer.status, StatusCode::OK, "{action}: {}", answer.text);
        answer.json()["data"].clone()
    }

    pub async fn rows(&mut self, action: &str, query: &str) -> Vec<Value> {
        let path = format!("/api/dingtalkDirectory:{action}?pageSize=200&{query}");
        let answer = self.browser.get_as(&self.token, &path).await;
        assert_eq!(answer.status, StatusCode::OK, "{action}: {}", answer.text);
        answer.json()["data"].as_array().unwrap().clone()
    }

    pub async fn save(&mut self, options: Value) {
        let body = json!({"authenticator": "dingtalk", "options": options});
        self.post("saveSource", body).await;
    }

    /// Starts a run or a preview, and returns its row when it has ended.
    pub async fn go(&mut self, app: &TestApp, action: &str) -> Value {
        self.go_with(app, action, json!({"authenticator": "dingtalk"}))
            .await
    }

    pub async fn go_with(&mut self, app: &TestApp, action: &str, body: Value) -> Value {
        let begun = self.post(action, body).await;
        let id = begun["runId"].as_i64().unwrap();
        run_ends(app.store(), id).await;
        let filter = format!("filter={{\"id\":{id}}}");
        self.rows("runs", &filter).await.remove(0)
    }

    pub async fn findings(&mut self, run: &Value, kind: &str) -> Vec<Value> {
        let filter = format!("filter={{\"runId\":{},\"kind\":\"{kind}\"}}", run["id"]);
        self.rows("findings", &filter).await
    }

    pub async fn member(&mut self, external_id: &str) -> Value {
        let filter = format!("filter={{\"externalId\":\"{external_id}\"}}");
        self.rows("members", &filter).await.remove(0)
    }
}

/// Otherwise nobody could begin another run on the page, where the buttons wait for the end of this one.
#[actix_web::test]
async fn a_run_whose_process_is_gone_has_failed() {
    let app = TestApp::start().await;
    let mut admin = Administrator::of(&app).await;
    admin.save(json!({})).await;
    let id = admin.rows("sources", "").await[0]["source"]["id"].clone();
    let (store, state) = (app.store(), app.server.app.clone());
    let begun = Run::begin(
        store,
        &app.clock,
        id.as_i64().unwrap(),
        Purpose::Preview,
        None,
    );
    begun.await.unwrap();
    app.server.does(end_dead_runs(state.clone())).await;
    let run = admin.rows("runs", "").await.remove(0);
    assert_eq!(run["state"], "running", "it may take hours");
    // Nobody renews the lease, and nothing is told any more.
    app.clock.advance(TimeDelta::minutes(3));
    app.server.does(end_dead_runs(state)).await;
    let last = admin.rows("sources", "").await[0]["lastRun"].clone();
    assert_eq!(
        (&last["state"], &last["message"]),
        (&json!("failed"), &json!("interrupted"))
    );
}

#[actix_web::test]
async fn people_have_accounts_before_they_come_and_get_them_by_signing_in() {
    let app = TestApp::start().await;
    let by_hand = app
        .create_user("Typed by somebody", Some("+86 13800000001"))
        .await;
    let mut admin = Administrator::of(&app).await;
    admin.save(json!({})).await;
    let preview = admin.go(&app, "preview").await;
    assert_eq!(preview["state"], "succeeded", "{preview}");
    let created = admin.findings(&preview, "createAccount").await;
    assert!(
        created.iter().any(|row| row["personName"] == "李娜"),
        "{created:?}"
    );
    assert_eq!(app.count_users().await, 2, "a preview makes nobody");

    let run = admin.go(&app, "run").await;
    assert_eq!(run["state"], "succeeded", "{run}");
    assert_eq!(run["counts"]["linked"], 1);
    assert_eq!(run["counts"]["created"], created.len());
    assert_eq!(admin.member("user-zhangwei").await["userId"], by_hand);
    let lina = admin.member("user-lina").await;
    let titles = admin.rows("departments", "").await;
    assert!(
        titles.iter().any(|row| row["title"] == "研发部"),
        "{titles:?}"
    );

    let session = app
        .browser()
        .sign_in(&app.sandbox, "lina")
        .await
        .session()
        .unwrap();
    let token = session["token"].as_str().unwrap();
    let check = app.browser().get_as(token, "/api/auth:check").await.json();
    assert_eq!(check["data"]["id"], lina["userId"]);

    let again = admin.go(&app, "run").await;
    assert_eq!(again["counts"]["created"], 0);
    assert_eq!(again["counts"]["updated"], 0, "{again}");
    assert_eq!(again["counts"]["left"], 0);
}

#[actix_web::test]
async fn who_leaves_is_out_at_once_and_is_back_with_another_userid() {
    let app = TestApp::start().await;
    let mut admin = Administrator::of(&app).await;
    admin.save(json!({})).await;
    admin.go(&app, "run").await;
    let session = app
        .browser()
        .sign_in(&app.sandbox, "lina")
        .await
        .session()
        .unwrap();
    let token = session["token"].as_str().unwrap().to_owned();
    let id = admin.member("user-lina").await["userId"].as_i64().unwrap();

    app.sandbox.dismiss("lina").await;
    let run = admin.go(&app, "run").await;
    assert_eq!(run["state"], "succeeded", "{run}");
    let left = admin.findings(&run, "left").await;
    assert_eq!((left.len(), &left[0]["accounts"]), (1, &json!([id])));
    let check = app.browser().get_as(&token, "/api/auth:check").await;
    assert_eq!(check.status, StatusCode::UNAUTHORIZED, "{}", check.text);
    assert_eq!(admin.member("user-lina").await["roles"], json!(["member"]));

    app.sandbox.rehire("lina").await;
    let run = admin.go(&app, "run").await;
    assert_eq!(run["counts"]["returned"], 1, "{run}");
    assert_eq!(run["counts"]["created"], 0);
    let session = app
        .browser()
        .sign_in(&app.sandbox, "lina")
        .await
        .session()
        .unwrap();
    let token = session["token"].as_str().unwrap();
    let check = app.browser().get_as(token, "/api/auth:check").await.json();
    assert_eq!(check["data"]["id"], id);
}

#[actix_web::test]
async fn a_missing_permission_is_named_and_nobody_is_gone() {
    let app = TestApp::start().await;
    let mut admin = Administrator::of(&app).await;
    admin.save(json!({})).await;
    admin.go(&app, "run").await;
    let permissions = json!([
        "Contact.User.Read",
        "qyapi_get_member",
        "qyapi_get_department_list"
    ]);
    app.sandbox
        .change_app(json!({"permissions": permissions}))
        .await;
    let run = admin.go(&app, "run").await;
    assert_eq!(run["state"], "failed");
    let missing = admin.findings(&run, "permissionMissing").await;
    assert_eq!(missing[0]["detail"], "qyapi_get_department_member");
    assert_eq!(admin.member("user-lina").await["isGone"], false);
}

#[actix_web::test]
async fn a_department_that_dingtalk_no_longer_knows_is_told_and_nobody_is_gone() {
    let app = TestApp::start().await;
    let mut admin = Administrator::of(&app).await;
    admin.save(json!({})).await;
    admin.go(&app, "run").await;
    // Somebody removes a department before its people are read.
    let fault = json!({
        "endpoint": "/topapi/v2/user/list", "fault": "refused", "code": "60003", "times": 1,
    });
    app.sandbox.next_fault(fault).await;
    let run = admin.go(&app, "run").await;
    assert_eq!(run["state"], "succeeded", "{run}");
    assert_eq!(run["counts"]["left"], 0, "{run}");
    let vanished = admin.findings(&run, "departmentVanished").await;
    assert_eq!(vanished.len(), 1, "{vanished:?}");
    assert!(vanished[0]["departmentId"].is_string(), "{vanished:?}");
}

#[actix_web::test]
async fn a_dingtalk_that_is_busy_now_and_then_is_waited_for() {
    let app = TestApp::start().await;
    let mut admin = Administrator::of(&app).await;
    admin.save(json!({})).await;
    let fault =
        json!({"endpoint": "*", "fault": "throttle", "times": null, "after": 2, "every": 5});
    app.sandbox.next_fault(fault).await;
    let run = admin.go(&app, "run").await;
    assert_eq!(run["state"], "succeeded", "{run}");
}

#[actix_web::test]
async fn pages_that_do_not_end_change_nothing() {
    let app = TestApp::start().await;
    let mut admin = Administrator::of(&app).await;
    admin.save(json!({})).await;
    let fault = json!({"endpoint": "/topapi/v2/user/list", "fault": "stuckCursor", "times": null});
    app.sandbox.next_fault(fault).await;
    let run = admin.go(&app, "run").await;
    assert_eq!(run["state"], "failed", "{run}");
    assert_eq!(app.count_users().await, 1);
}

#[actix_web::test]
async fn what_the_application_may_not_see_is_told_from_who_left() {
    let app = TestApp::start().await;
    let mut admin = Administrator::of(&app).await;
    admin.save(json!({})).await;
    admin.go(&app, "run").await;
    let scope = json!({"departments": [], "people": ["user-lina"]});
    app.sandbox.change_app(json!({"contactScope": scope})).await;
    let run = admin.go(&app, "run").await;
    // More than a tenth of the people are missing.
    assert_eq!(run["state"], "stopped", "{run}");
    let body = json!({"authenticator": "dingtalk", "agreed": run["fingerprint"]});
    let run = admin.go_with(&app, "run", body).await;
    assert_eq!(run["state"], "succeeded", "{run}");
    assert!(!admin.findings(&run, "outOfScope").await.is_empty());
    assert!(admin.findings(&run, "left").await.is_empty());
    assert_eq!(admin.member("user-lina").await["isGone"], false);
}

#[actix_web::test]
async fn two_servers_at_one_database_run_once() {
    let app = TestApp::start().await;
    let second = app.second_server();
    let mut admin = Administrator::of(&app).await;
    admin.save(json!({})).await;
    let fault = json!({"endpoint": "/auth/scopes", "fault": "delay", "delayMs": 60_000});
    app.sandbox.next_fault(fault).await;
    let begun = admin
        .post("run", json!({"authenticator": "dingtalk"}))
        .await;
    let mut other = Browser::at(second.address);
    let body = json!({"authenticator": "dingtalk"});
    let path = "/api/dingtalkDirectory:run";
    let refused = other.post_as(&admin.token, path, body).await;
    assert_eq!(refused.status, StatusCode::CONFLICT, "{}", refused.text);
    assert_eq!(refused.code(), "DIRECTORY_UNDER_WAY");
    // Any server can be asked to cancel a run.
    let path = "/api/dingtalkDirectory:cancel";
    let ended = other
        .post_as(&admin.token, path, json!({"runId": begun["runId"]}))
        .await;
    assert_eq!(ended.status, StatusCode::OK, "{}", ended.text);
    let id = begun["runId"].as_i64().unwrap();
    run_ends(app.store(), id).await;
    let run = app.store().directory_run(id).await.unwrap().unwrap();
    assert_eq!(run.state, State::Cancelled);
}

#[actix_web::test]
async fn a_source_is_for_administrators_and_has_good_options() {
    let app = TestApp::start().await;
    let mut admin = Administrator::of(&app).await;
    let wrong = json!({"authenticator": "dingtalk", "options": {"safetyLimitPercent": 0}});
    for (body, code) in [
        (wrong, "DIRECTORY_WRONG_OPTIONS"),
        (json!({"authenticator": "basic"}), "DIRECTORY_NO_SOURCE"),
        (json!({"authenticator": "nobody"}), "DIRECTORY_NO_SOURCE"),
    ] {
        let path = "/api/dingtalkDirectory:saveSource";
        let answer = admin.browser.post_as(&admin.token, path, body).await;
        assert_eq!(answer.code(), code, "{}", answer.text);
    }
    admin.save(json!({"leavers": "nothing"})).await;
    let sources = admin.rows("sources", "").await;
    assert_eq!(sources[0]["source"]["options"]["leavers"], "nothing");
    assert_eq!(sources[0]["source"]["actingUserId"], 1);
    let gone = admin
        .post("destroySource", json!({"authenticator": "dingtalk"}))
        .await;
    assert_eq!(gone, 1);
    assert_eq!(admin.rows("sources", "").await[0]["source"], Value::Null);
}

#[actix_web::test]
async fn the_form_of_a_source_names_the_authenticators_that_can_have_one() {
    let app = TestApp::start().await;
    let mut admin = Administrator::of(&app).await;
    let path = "/api/dingtalkDirectory:optionsSchema";
    let schema = admin.browser.get_as(&admin.token, path).await.json();
    let properties = schema["data"]["properties"].as_object().unwrap();
    let (first, field) = properties.iter().next().unwrap();
    assert_eq!(first, "authenticator");
    let choices = field["oneOf"].as_array().unwrap();
    assert_eq!(choices.len(), 1, "{choices:?}");
    assert_eq!(choices[0]["const"], "dingtalk");
    assert_eq!(properties["leavers"]["default"], "disable");
    // Good secrets of callbacks, other ones each time, and the address that DingTalk calls.
    let events = &properties["events"]["properties"];
    let (token, key) = (&events["token"]["default"], &events["aesKey"]["default"]);
    assert_eq!(key.as_str().unwrap().len(), 43);
    let address = app.url("/api/dingtalk:callback?authenticator=dingtalk");
    let addresses = &events["aesKey"]["x-addresses"];
    assert_eq!(addresses, &json!({"dingtalk": address}));
    let again = admin.browser.get_as(&admin.token, path).await.json();
    let again = &again["data"]["properties"]["events"]["properties"]["token"]["default"];
    assert_ne!(token, again);
    let events = json!({"mode": "callback", "token": token, "aesKey": key});
    let body = json!({"authenticator": "dingtalk", "options": {"events": events}});
    admin.post("saveSource", body).await;
}

#[actix_web::test]
async fn the_form_of_a_source_shows_the_callback_address_of_its_own_authenticator() {
    let app = TestApp::start().await;
    let mut admin = Administrator::of(&app).await;
    let body = json!({"name": "branch", "authType": "dingtalk", "options": {
        "clientId": "a", "clientSecret": "b",
    }});
    let path = "/api/authenticators:create";
    let created = admin.browser.post_as(&admin.token, path, body).await;
    assert_eq!(created.status, StatusCode::OK, "{}", created.text);
    let url = |name: &str| app.url(&format!("/api/dingtalk:callback?authenticator={name}"));
    // NocoBase's page «Synchronize» asks without a name, and shows the address of what is chosen there.
    let all = json!({"dingtalk": url("dingtalk"), "branch": url("branch")});
    let own = json!({"": url("branch")});
    for (query, shown) in [
        ("", all),
        ("?authenticator=branch", own),
        ("?authenticator=gone", json!({})),
    ] {
        let path = format!("/api/dingtalkDirectory:optionsSchema{query}");
        let schema = admin.browser.get_as(&admin.token, &path).await.json();
        let key = &schema["data"]["properties"]["events"]["properties"]["aesKey"];
        assert_eq!(key["x-addresses"], shown, "{query}");
    }
}

#[actix_web::test]
async fn doctor_and_preview_say_whether_the_organization_can_be_read() {
    let place = Place::new();
    let mut server = place.start();
    place.open(&server).await;
    let mut browser = Browser::at(server.address);
    let root = browser.sign_in_as_root().await;
    let path = "/api/dingtalkDirectory:saveSource";
    let body = json!({"authenticator": "dingtalk"});
    let saved = browser.post_as(&root, path, body).await;
    assert_eq!(saved.status, StatusCode::OK, "{}", saved.text);
    server.stop();

    let told = place.run(&["doctor"]);
    assert!(told.ended_well, "{told:?}");
    let line = "directory of dingtalk: departments and people can be read";
    assert!(told.output.contains(line), "{told:?}");
    let told = place.run(&["directory", "preview", "dingtalk"]);
    assert!(told.ended_well, "{told:?}");
    assert!(told.output.contains("createAccount"), "{told:?}");

    let permissions = json!(["Contact.User.Read", "qyapi_get_member"]);
    let change = json!({"permissions": permissions});
    place.sandbox.change_app(change).await;
    let told = place.run(&["doctor"]);
    let line = "the app lacks the permission qyapi_get_department_list";
    assert!(told.output.contains(line), "{told:?}");
    let told = place.run(&["directory", "preview", "dingtalk"]);
    assert!(!told.ended_well, "{told:?}");
}
