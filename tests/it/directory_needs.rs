//! What people need of a directory, where `docs/directory-needs.md` names no other test.

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::directory::Administrator;
use crate::support::TestApp;

/// Departments of the sandbox.
const ROOT: i64 = 1;
const ENGINEERING: &str = "919600001";
const PLATFORM: &str = "919600006";

#[actix_web::test]
async fn every_level_of_departments_and_every_page_of_people_is_copied() {
    let app = TestApp::start().await;
    let mut admin = Administrator::of(&app).await;
    admin.save(json!({})).await;
    let run = admin.go(&app, "run").await;
    assert_eq!(run["state"], "succeeded", "{run}");
    let rows = admin.rows("departments", "").await;
    let platform = rows.iter().find(|row| row["externalId"] == PLATFORM);
    let parent = &platform.expect("a department of the third level")["parentId"];
    assert_eq!(parent, ENGINEERING);

    // More people in one department than a page has.
    let company = json!({"people": 230, "departments": 2, "seed": 7});
    app.sandbox.generate(company).await;
    admin.save(json!({"safetyLimitPercent": 100})).await;
    let run = admin.go(&app, "run").await;
    assert_eq!(run["state"], "succeeded", "{run}");
    assert_eq!(run["counts"]["people"], 230, "each once: {run}");
    assert_eq!(run["counts"]["created"], 230, "{run}");
}

#[actix_web::test]
async fn chosen_departments_are_copied_with_all_below_them_and_no_others() {
    let app = TestApp::start().await;
    let mut admin = Administrator::of(&app).await;
    admin
        .save(json!({"departments": [ENGINEERING, "404"]}))
        .await;
    let run = admin.go(&app, "run").await;
    assert_eq!(run["state"], "succeeded", "{run}");
    let rows = admin.rows("departments", "sort=externalId").await;
    let keys: Vec<_> = rows.iter().map(|row| &row["externalId"]).collect();
    assert_eq!(keys, [ENGINEERING, PLATFORM]);
    let people = admin.rows("members", "").await;
    let is_there = |key: &str| people.iter().any(|row| row["externalId"] == key);
    assert!(is_there("user-huanglei") && is_there("user-liuyang"));
    assert!(!is_there("user-lina"), "she is in another department");
    let not_seen = admin.findings(&run, "departmentNotSeen").await;
    assert_eq!(not_seen.len(), 1, "{not_seen:?}");
    assert_eq!(not_seen[0]["departmentId"], "404");
}

#[actix_web::test]
async fn departments_of_a_school_address_book_are_left_out_and_named() {
    let app = TestApp::start().await;
    let school = json!({"id": -7, "name": "家校通讯录", "parentId": ROOT});
    app.sandbox.add_department(school).await;
    let pupil = json!({"id": "pupil", "departments": [{"id": -7, "order": 1, "leader": false}]});
    app.sandbox.hire_person(pupil).await;
    let mut admin = Administrator::of(&app).await;
    admin.save(json!({})).await;
    let run = admin.go(&app, "run").await;
    assert_eq!(run["state"], "succeeded", "{run}");
    let left_out = admin.findings(&run, "departmentLeftOut").await;
    assert_eq!(left_out.len(), 1, "{left_out:?}");
    assert_eq!(left_out[0]["departmentId"], "-7");
    let pupil = admin
        .rows("members", r#"filter={"externalId":"user-pupil"}"#)
        .await;
    assert_eq!(pupil, [Value::Null; 0]);
}

#[actix_web::test]
async fn what_people_changed_here_stays_and_hinders_no_run() {
    let app = TestApp::start().await;
    // Whoever left before the first run gets no account, not even an empty one.
    app.sandbox.dismiss("marie").await;
    let mut admin = Administrator::of(&app).await;
    admin.save(json!({})).await;
    let run = admin.go(&app, "run").await;
    let accounts = app.count_users().await;
    let people = json!(accounts - 1);
    assert_eq!(run["counts"]["people"], people, "all but root are people");

    let id = admin.member("user-lina").await["userId"].clone();
    let path = format!("/api/users:update?filterByTk={id}");
    let body = json!({
        "username": "lina-of-sales", "password": "a-password-of-hers", "phone": "13811112222",
    });
    let changed = admin.browser.post_as(&admin.token, &path, body).await;
    assert_eq!(changed.status, StatusCode::OK, "{}", changed.text);
    for _ in 0..2 {
        let run = admin.go(&app, "run").await;
        assert_eq!(run["state"], "succeeded", "{run}");
        assert_eq!(run["counts"]["updated"], 0, "{run}");
    }
    let mut own = app.browser();
    let token = own.sign_in_as("lina-of-sales", "a-password-of-hers").await;
    let check = own.get_as(&token, "/api/auth:check").await.json();
    assert_eq!(check["data"]["id"], id);
    assert_eq!(check["data"]["phone"], "13811112222");
}
