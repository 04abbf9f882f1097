//! The audit trail: its rows, who may read it, and that it never prevents a sign-in.

use chrono::TimeDelta;
use reqwest::Method;
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};

use crate::dingtalk_options::change_options;
use crate::support::{TestApp, eventually, in_dialect, logs};

const LIST: &str = "/api/dingtalkAudit:list?sort=id&pageSize=200";

async fn rows(app: &TestApp, root: &str, query: &str) -> Vec<Value> {
    let answer = app.browser().get_as(root, &format!("{LIST}{query}")).await;
    let rows = answer.json()["data"].clone();
    rows.as_array().expect(&answer.text).clone()
}

/// The action, result, reason, account and caller of each row.
fn short(rows: &[Value]) -> Vec<String> {
    let text = |value: &Value| match value {
        Value::Null => "-".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let keys = [
        "action",
        "result",
        "reason",
        "userId",
        "actorId",
        "authenticator",
    ];
    let line = |row: &Value| keys.map(|key| text(&row[key])).join(" ");
    rows.iter().map(line).collect()
}

#[actix_web::test]
async fn the_trail_tells_who_got_in_and_who_did_not() {
    let app = TestApp::with_options(json!({"public": {"autoSignup": true}})).await;
    let mut browser = app.browser();
    let root = browser.sign_in_as_root().await;
    let headers = [("user-agent", "Tester/1 (ü)"), ("x-authenticator", "basic")];
    let body = json!({"account": "nocobase", "password": "guess-me"});
    let refused = app
        .browser()
        .send(Method::POST, "/api/auth:signIn", &headers, Some(body))
        .await;
    assert_eq!(refused.status, 401);
    let body = json!({"account": "a-password-in-the-wrong-field", "password": "x"});
    app.browser().post("/api/auth:signIn", body).await;
    let mut lina = app.browser();
    let url = lina.begin(Value::Null).await;
    let location = app.sandbox.choose(&url, "lina").await;
    let session = lina.get(&location).await.session().unwrap();
    let token = session["token"].as_str().unwrap().to_owned();
    app.browser().sign_in(&app.sandbox, "zhoujie").await;
    app.browser()
        .get("/api/dingtalk:redirect?code=c0de&authCode=c0de&state=nope")
        .await;
    lina.post_as(
        &token,
        "/api/dingtalk:unbind?authenticator=dingtalk",
        json!({}),
    )
    .await;
    lina.post_as(&token, "/api/auth:signOut", json!({})).await;
    let body = json!({"title": "T"});
    let path = "/api/authenticators:update/2";
    browser.post_as(&root, path, body).await;
    for action in ["disable", "enable"] {
        let path = format!("/api/pm:{action}?filterByTk=auth-dingtalk&awaitResponse=1");
        browser.post_as(&root, &path, json!({})).await;
    }
    let body = json!({"exceptCurrent": true});
    let path = "/api/dingtalk:signOutEverywhere";
    let answer = browser.post_as(&root, path, body).await;
    let root = answer.header("x-new-token").to_owned();
    let rows = rows(&app, &root, "").await;
    let expected = [
        "passwordSignIn success - 1 - basic",
        "passwordSignIn refused WRONG_PASSWORD 1 - basic",
        "passwordSignIn refused WRONG_PASSWORD - - basic",
        "signUp success - 2 - dingtalk",
        "signIn success - 2 - dingtalk",
        "signIn refused DINGTALK_NOT_MEMBER - - dingtalk",
        "signIn refused DINGTALK_STATE_INVALID - - -",
        "unbind refused DINGTALK_LAST_WAY_IN 2 2 dingtalk",
        "signOut success - 2 2 -",
        "authenticatorUpdate success - - 1 dingtalk",
        "pluginDisable success - - 1 -",
        "pluginEnable success - - 1 -",
        "signOutEverywhere success - 1 1 -",
    ];
    assert_eq!(short(&rows), expected);
    let refusal = &rows[1];
    assert_eq!(
        (&refusal["address"], &refusal["userAgent"]),
        (&json!("127.0.0.1"), &json!("Tester/1 (ü)"))
    );
    assert_eq!(refusal["requestId"], refused.header("x-request-id"));
    // Secrets, and values that may be secret, must not appear anywhere.
    let all = json!(rows).to_string() + &logs();
    let lines: Vec<_> = all
        .lines()
        .filter(|line| line.contains("INFO audit "))
        .collect();
    let line = "action=passwordSignIn result=refused reason=WRONG_PASSWORD user=1";
    assert!(lines.iter().any(|text| text.contains(line)));
    let returned = url::Url::parse(&location).unwrap();
    let code = returned
        .query_pairs()
        .find(|(key, _)| key == "authCode" || key == "code")
        .map(|(_, code)| code.into_owned())
        .expect("a code");
    let told = json!(rows).to_string() + &lines.join("\n");
    for secret in [
        &root,
        &token,
        &code,
        "guess-me",
        "wrong-field",
        "c0de",
        "nope",
    ] {
        assert!(!told.contains(secret), "{secret}");
    }
}

#[actix_web::test]
async fn administrators_read_it_and_nobody_writes_it() {
    let app = TestApp::start().await;
    let root = app.browser().sign_in_as_root().await;
    for role in ["member", "admin"] {
        let body = json!({"username": role, "password": "pw", "roles": [role]});
        app.browser()
            .post_as(&root, "/api/users:create", body)
            .await;
    }
    let admin = app.browser().sign_in_as("admin", "pw").await;
    let member = app.browser().sign_in_as("member", "pw").await;
    assert_eq!(app.browser().get_as(&member, LIST).await.status, 403);
    assert_eq!(app.browser().get(LIST).await.status, 401);
    assert_eq!(rows(&app, &admin, "").await.len(), 3);
    let newest = app
        .browser()
        .get_as(
            &admin,
            "/api/dingtalkAudit?filter={\"action\":\"passwordSignIn\",\"userId.$gt\":1}&sort=-createdAt,-id&pageSize=1",
        )
        .await;
    let newest = newest.json();
    assert_eq!(newest["data"][0]["userId"], 2, "{newest}");
    assert_eq!(newest["meta"]["count"], 2);
    for action in ["create", "update", "destroy", "get"] {
        let path = format!("/api/dingtalkAudit:{action}?filterByTk=1");
        let answer = app.browser().post_as(&root, &path, json!({})).await;
        assert_eq!(answer.status, 404, "{action}");
    }
}

#[actix_web::test]
async fn what_is_asked_all_the_time_leaves_no_rows_and_a_flood_few() {
    let app = TestApp::start().await;
    let root = app.browser().sign_in_as_root().await;
    for path in ["/api/auth:check", "/api/dingtalk:binding", LIST] {
        app.browser().get_as(&root, path).await;
    }
    assert_eq!(rows(&app, &root, "").await.len(), 1);
    let path = "/api/dingtalk:redirect?state=x";
    let mut browser = app.browser();
    for _ in 0..100 {
        browser.get(path).await;
    }
    // On slow machines there are a few more than sixty, one for each ten seconds.
    let kept = rows(&app, &root, "").await.len();
    assert!((61..75).contains(&kept), "{kept}");
    // Successful actions are always kept.
    app.browser().sign_in_as_root().await;
    assert_eq!(rows(&app, &root, "").await.len(), kept + 1);
}

#[actix_web::test]
async fn old_rows_go_and_the_others_stay() {
    let app = TestApp::with_flags(&["--audit-days=30"], json!({})).await;
    app.browser().sign_in_as_root().await;
    app.clock.advance(TimeDelta::days(20));
    let root = app.browser().sign_in_as_root().await;
    drop(app.second_server());
    assert_eq!(rows(&app, &root, "").await.len(), 2);
    // Without anything of the last days, the clock may be ahead, and nothing is removed.
    app.clock.advance(TimeDelta::days(9));
    app.browser().sign_in_as_root().await;
    app.clock.advance(TimeDelta::days(2));
    let _second = app.second_server();
    let root = app.browser().sign_in_as_root().await;
    // The server removes old rows in the background.
    eventually("the removal", async || {
        rows(&app, &root, "").await.len() == 3
    })
    .await;
}

#[actix_web::test]
async fn a_broken_table_locks_nobody_out() {
    let app = TestApp::with_options(json!({"public": {"autoSignup": true}})).await;
    let connection = app.database.connect().await;
    let drop = in_dialect(&connection, r#"DROP TABLE "dingtalk_audit""#);
    connection.execute_unprepared(&drop).await.unwrap();
    connection.into_inner().close().await.unwrap();
    let root = app.browser().sign_in_as_root().await;
    let page = app.browser().sign_in(&app.sandbox, "zhangwei").await;
    assert!(page.session().is_some(), "{}", page.text);
    let answer = app
        .browser()
        .post_as(&root, "/api/auth:signOut", json!({}))
        .await;
    assert_eq!(answer.status, 200);
    assert!(logs().contains("the audit trail lacks a row"));
}

#[actix_web::test]
async fn a_sign_in_inside_dingtalk_is_told_apart() {
    let options = json!({
        "corpId": dingtalk_sandbox::seed::CORP_ID,
        "public": {"autoSignup": true, "autoSignIn": true},
    });
    let app = TestApp::with_options(options).await;
    let code = app
        .sandbox
        .in_app_code("lina", dingtalk_sandbox::seed::CLIENT_ID)
        .await;
    let headers = [("x-authenticator", "dingtalk")];
    for code in [code.as_str(), "nonsense"] {
        let body = json!({"code": code});
        app.browser()
            .send(
                Method::POST,
                "/api/dingtalk:inAppSignIn",
                &headers,
                Some(body),
            )
            .await;
    }
    let root = app.browser().sign_in_as_root().await;
    let rows = rows(&app, &root, "&filter={\"action\":\"inAppSignIn\"}").await;
    let expected = [
        "inAppSignIn success - 2 - dingtalk",
        "inAppSignIn refused DINGTALK_CODE_REJECTED - - dingtalk",
    ];
    assert_eq!(short(&rows), expected);
}

#[actix_web::test]
async fn whoever_is_refused_is_named_as_the_provider_names_them() {
    let app = TestApp::start().await;
    let root = app.browser().sign_in_as_root().await;
    app.browser().sign_in(&app.sandbox, "lina").await;
    let refused = rows(&app, &root, "&filter={\"result\":\"refused\"}").await;
    assert_eq!(
        (
            &refused[0]["reason"],
            &refused[0]["personName"],
            &refused[0]["personId"],
            &refused[0]["userId"]
        ),
        (
            &json!("DINGTALK_USER_NOT_FOUND"),
            &json!("李娜"),
            &json!("user-lina"),
            &Value::Null
        )
    );
    let exported = app
        .browser()
        .get_as(&root, "/api/dingtalkAudit:export")
        .await;
    assert!(
        exported.text.contains(r#""李娜","user-lina""#),
        "{}",
        exported.text
    );
    // Who gets in has an account, whose name is shown.
    change_options(&app, json!({"public": {"autoSignup": true}})).await;
    app.browser().sign_in(&app.sandbox, "lina").await;
    let all = rows(&app, &root, "&filter={\"result\":\"success\"}").await;
    assert!(
        all.iter().all(|row| row["personId"].is_null()),
        "no more is kept than helps: {all:?}"
    );
}
