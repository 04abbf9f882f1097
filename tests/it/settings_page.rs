//! The data of the settings page «DingTalk».

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::support::TestApp;

async fn overview(app: &TestApp, root: &str, zone: &str) -> Value {
    let bearer = format!("Bearer {root}");
    let headers = [("authorization", bearer.as_str()), ("x-timezone", zone)];
    let path = "/api/dingtalk:overview";
    let answer = app
        .browser()
        .send(reqwest::Method::GET, path, &headers, None)
        .await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.json()["data"].clone()
}

/// The days with sign-ins of the authenticator: how many succeeded and how many were refused.
fn days(overview: &Value) -> Vec<(i64, i64)> {
    let days = overview["authenticators"][0]["days"].as_array().unwrap();
    let day = |day: &Value| {
        (
            day["success"].as_i64().unwrap(),
            day["refused"].as_i64().unwrap(),
        )
    };
    days.iter().map(day).collect()
}

#[actix_web::test]
async fn sign_ins_are_counted_by_day_and_result() {
    let app = TestApp::with_options(json!({"public": {"autoSignup": true}})).await;
    app.browser().sign_in(&app.sandbox, "lina").await;
    app.browser().sign_in(&app.sandbox, "zhoujie").await;
    // This is repeated, so that stored counts and new ones are combined.
    for _ in 0..3 {
        let root = app.root_token().await;
        let now = overview(&app, &root, "+00:00").await;
        assert_eq!(days(&now), [(1, 1)], "{now}");
        app.clock.advance(TimeDelta::minutes(50));
    }
    app.clock.advance(TimeDelta::days(2));
    app.browser().sign_in(&app.sandbox, "lina").await;
    app.browser()
        .get("/api/dingtalk:redirect?code=x&authCode=x&state=nope")
        .await;
    let root = app.root_token().await;
    let now = overview(&app, &root, "-05:00").await;
    assert_eq!(days(&now), [(1, 1), (1, 0)], "{now}");
    let shown = &now["authenticators"][0];
    assert_eq!(
        (&shown["name"], &shown["bound"]),
        (&json!("dingtalk"), &json!(1))
    );
    assert_eq!(now["unassigned"][0]["refused"], 1, "{now}");
    let problems = now["problems"].to_string();
    assert!(problems.contains("DINGTALK_NOT_MEMBER"), "{problems}");
    let today = days(&overview(&app, &root, "+14:00").await).len();
    assert_eq!(today, 2);
    app.clock.advance(TimeDelta::days(29));
    let root = app.root_token().await;
    assert_eq!(days(&overview(&app, &root, "+00:00").await), [(1, 0)]);
    app.clock.advance(TimeDelta::days(29));
    let root = app.root_token().await;
    let now = overview(&app, &root, "+00:00").await;
    assert_eq!(days(&now), []);
    assert_eq!(now["problems"], json!([]));
}

#[actix_web::test]
async fn the_actions_of_the_audit_trail_come_with_their_titles() {
    let app = TestApp::start().await;
    let root = app.root_token().await;
    let bearer = format!("Bearer {root}");
    for (locale, title) in [
        ("en-US", "Sign-in inside DingTalk"),
        ("zh-CN", "钉钉内登录"),
    ] {
        let headers = [("authorization", bearer.as_str()), ("x-locale", locale)];
        let path = "/api/dingtalk:overview";
        let mut browser = app.browser();
        let answer = browser.send(reqwest::Method::GET, path, &headers, None);
        let actions = answer.await.json()["data"]["actions"].clone();
        let shown = json!({"name": "inAppSignIn", "title": title});
        let actions = actions.as_array().unwrap();
        assert!(actions.contains(&shown), "{actions:?}");
    }
}

#[actix_web::test]
async fn a_test_of_the_connection_is_remembered() {
    let app = TestApp::start().await;
    let root = app.root_token().await;
    let before = overview(&app, &root, "").await;
    assert_eq!(before["authenticators"][0]["check"], Value::Null);
    let body = json!({"authenticator": "dingtalk"});
    let path = "/api/dingtalk:checkConnection";
    let answer = app.browser().post_as(&root, path, body).await;
    assert_eq!(answer.json()["data"]["ok"], true, "{}", answer.text);
    let check = overview(&app, &root, "").await["authenticators"][0]["check"].clone();
    assert_eq!(check["ok"], true);
    assert_eq!(check["messages"], answer.json()["data"]["messages"]);
    let body = json!({"authenticator": "basic"});
    let answer = app.browser().post_as(&root, path, body).await;
    assert_eq!(answer.status, 400, "{}", answer.text);
}

#[actix_web::test]
async fn rows_say_who_and_why_in_words() {
    let app = TestApp::with_options(json!({"public": {"autoSignup": true}})).await;
    let root = app.browser().sign_in_as_root().await;
    app.browser().sign_in(&app.sandbox, "zhoujie").await;
    let bearer = format!("Bearer {root}");
    let headers = [("authorization", bearer.as_str()), ("x-locale", "zh-CN")];
    let path = "/api/dingtalkAudit:list?sort=-createdAt&filter={\"$and\":[{\"createdAt.$gte\":\"2020-01-01T00:00:00Z\"}]}";
    let answer = app
        .browser()
        .send(reqwest::Method::GET, path, &headers, None)
        .await;
    let rows = answer.json()["data"].clone();
    assert_eq!(rows[0]["reason"], "DINGTALK_NOT_MEMBER", "{rows}");
    for text in ["reasonText", "advice"] {
        let text = rows[0][text].as_str().unwrap();
        assert!(text.contains('钉'), "{text}");
    }
    assert_eq!(rows[1]["userName"], "Super Admin");
}

#[actix_web::test]
async fn the_trail_is_sent_as_a_file_that_no_program_runs() {
    let app = TestApp::start().await;
    let mut browser = app.browser();
    let agent = [
        ("user-agent", "=HYPERLINK(\"http://x\",\"y\"),z"),
        ("x-authenticator", "basic"),
    ];
    let body = json!({"account": "nocobase", "password": "wrong"});
    browser
        .send(
            reqwest::Method::POST,
            "/api/auth:signIn",
            &agent,
            Some(body),
        )
        .await;
    let root = browser.sign_in_as_root().await;
    let path = "/api/dingtalkAudit:export?filter={\"result\":\"refused\"}";
    let answer = browser.get_as(&root, path).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(answer.header("content-type"), "text/csv; charset=utf-8");
    assert!(
        answer
            .header("content-disposition")
            .starts_with("attachment")
    );
    let lines: Vec<_> = answer.text.trim_start_matches('\u{feff}').lines().collect();
    assert_eq!(lines.len(), 2, "{}", answer.text);
    assert!(lines[0].starts_with("\"id\",\"createdAt\",\"action\""));
    assert!(lines[1].contains("\"passwordSignIn\",\"refused\",\"WRONG_PASSWORD\""));
    assert!(
        lines[1].ends_with(r#","'=HYPERLINK(""http://x"",""y""),z""#),
        "{}",
        lines[1]
    );
    let wrong = "/api/dingtalkAudit:export?filter={\"nothing\":1}";
    assert_eq!(browser.get_as(&root, wrong).await.status, 400);
}

#[actix_web::test]
async fn a_large_trail_is_sent_whole_and_each_row_once() {
    let app = TestApp::start().await;
    let people = 10_000;
    crate::support::crowd::fill(&app.database, people).await;
    let mut browser = app.browser();
    let root = app.browser().sign_in_as_root().await;
    let path = "/api/dingtalkAudit:export?filter={\"action\":\"signIn\"}";
    let answer = browser.get_as(&root, path).await;
    let lines: std::collections::HashSet<_> = answer.text.lines().skip(1).collect();
    assert_eq!(lines.len(), people);
    // No more rows of a filtered list are counted, and pages go on after that.
    let path = "/api/dingtalkAudit:list?filter={\"result\":\"success\"}&pageSize=20&page=501&sort=-createdAt";
    let page = browser.get_as(&root, path).await.json();
    assert_eq!(page["meta"]["count"], people);
    assert_eq!(page["data"].as_array().unwrap().len(), 1, "{page}");
}

#[actix_web::test]
async fn a_problem_is_over_when_the_person_has_signed_in() {
    let app = TestApp::start().await;
    let root = app.root_token().await;
    app.browser().sign_in(&app.sandbox, "lina").await;
    app.browser().sign_in(&app.sandbox, "lina").await;
    app.browser().sign_in(&app.sandbox, "weiming").await;
    let counted = async || {
        let problems = overview(&app, &root, "").await["problems"].clone();
        let problems = problems.as_array().unwrap().clone();
        let count = |row: &Value| (row["reason"].clone(), row["count"].as_u64().unwrap());
        problems.iter().map(count).collect::<Vec<_>>()
    };
    let not_found = json!("DINGTALK_USER_NOT_FOUND");
    assert_eq!(counted().await, [(not_found.clone(), 3)]);
    app.clock.advance(TimeDelta::minutes(5));
    let lina = app.create_user("Li Na", None).await;
    let body = json!({"authenticator": "dingtalk", "userId": lina, "person": "user-lina"});
    let path = "/api/dingtalkPeople:bind";
    let bound = app.browser().post_as(&root, path, body).await;
    assert_eq!(bound.status, 200, "{}", bound.text);
    assert_eq!(counted().await, [(not_found.clone(), 3)], "nobody was here");
    app.browser().sign_in(&app.sandbox, "lina").await;
    assert_eq!(
        counted().await,
        [(not_found.clone(), 1)],
        "weiming's is left"
    );

    // An account that had lost its roles is known by itself.
    app.clock.advance(TimeDelta::minutes(5));
    app.store().set_roles(lina, &[]).await.unwrap();
    app.browser().sign_in(&app.sandbox, "lina").await;
    let no_role = (json!("DINGTALK_NO_ROLE"), 1);
    assert!(counted().await.contains(&no_role));
    app.clock.advance(TimeDelta::minutes(5));
    let member = ["member".to_owned()];
    app.store().set_roles(lina, &member).await.unwrap();
    app.browser().sign_in(&app.sandbox, "lina").await;
    assert!(!counted().await.contains(&no_role));
}
