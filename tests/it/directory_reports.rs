//! What runs and previews of the directory tell an administrator before and after they change something.

use serde_json::{Value, json};

use crate::directory::Administrator;
use crate::support::{Answer, TestApp};

/// Binds an account to a person by hand.
async fn bind(app: &TestApp, token: &str, user: i64, person: &str) {
    let body = json!({"authenticator": "dingtalk", "userId": user, "person": person});
    let bound: Answer = app
        .browser()
        .post_as(token, "/api/dingtalkPeople:bind", body)
        .await;
    assert_eq!(bound.status, 200, "{}", bound.text);
}

/// What is told in this language about changes of one kind.
async fn texts(app: &TestApp, admin: &Administrator, run: &Value, locale: &str) -> Vec<String> {
    let path = format!(
        "/api/dingtalkDirectory:findings?pageSize=200&filter={{\"runId\":{}}}",
        run["id"]
    );
    let bearer = format!("Bearer {}", admin.token);
    let headers = [("authorization", bearer.as_str()), ("x-locale", locale)];
    let mut browser = app.browser();
    let answer = browser.send(reqwest::Method::GET, &path, &headers, None);
    let rows = answer.await.json()["data"].clone();
    let text = |row: &Value| row["text"].as_str().unwrap().to_owned();
    rows.as_array().unwrap().iter().map(text).collect()
}

#[actix_web::test]
async fn the_profile_of_root_stays_and_a_run_says_so() {
    let app = TestApp::start().await;
    let mut admin = Administrator::of(&app).await;
    let meta = json!({"userId": "user-lina", "unionId": "union-lina"});
    app.bind("dingtalk", "user-lina", 1, meta).await.unwrap();
    admin.save(json!({})).await;
    for action in ["preview", "run", "run"] {
        let run = admin.go(&app, action).await;
        assert_eq!(run["state"], "succeeded", "{run}");
        let kept = admin.findings(&run, "rootKept").await;
        assert_eq!(kept.len(), 1, "{action}: {kept:?}");
        assert_eq!(
            (&kept[0]["accounts"], &kept[0]["severity"]),
            (&json!([1]), &json!("note"))
        );
        let root = app.store().user(1).await.unwrap().unwrap();
        assert_eq!(root.nickname.as_deref(), Some("Super Admin"), "{action}");
        assert_eq!(root.phone, None, "{action}");
    }
    let lina = admin.member("user-lina").await;
    assert_eq!(lina["userId"], 1, "the person is known all the same");
}

#[actix_web::test]
async fn who_is_managed_from_now_on_is_listed_with_what_changes() {
    let app = TestApp::start().await;
    let mut admin = Administrator::of(&app).await;
    let typed = app.create_user("Typed by hand", None).await;
    let same = app.create_user("王芳", Some("13800000003")).await;
    bind(&app, &admin.token, typed, "user-zhangwei").await;
    bind(&app, &admin.token, same, "user-wangfang").await;
    admin.save(json!({})).await;
    for action in ["preview", "run"] {
        let run = admin.go(&app, action).await;
        let adopted = admin.findings(&run, "adoptAccount").await;
        assert_eq!(
            run["counts"]["adopted"],
            adopted.len(),
            "{action}: {adopted:?}"
        );
        let of = |id: i64| adopted.iter().find(|row| row["accounts"] == json!([id]));
        assert!(of(same).is_some(), "{adopted:?}");
        let detail = &of(typed).unwrap()["detail"];
        assert_eq!(
            detail, "Nickname: Typed by hand → 张伟; Phone: – → 13800000001",
            "{action}"
        );
    }

    let person = json!({"name": "张伟二"});
    app.sandbox.change_person("zhangwei", person).await;
    let preview = admin.go(&app, "preview").await;
    let updated = admin.findings(&preview, "updateAccount").await;
    assert_eq!(preview["counts"]["updated"], updated.len(), "{updated:?}");
    let of = |id: i64| updated.iter().find(|row| row["accounts"] == json!([id]));
    assert_eq!(of(typed).unwrap()["detail"], "Nickname: 张伟 → 张伟二");
}

#[actix_web::test]
async fn accounts_are_told_by_name() {
    let app = TestApp::start().await;
    let mut admin = Administrator::of(&app).await;
    let typed = app.create_user("Typed by hand", None).await;
    bind(&app, &admin.token, typed, "user-zhangwei").await;
    admin.save(json!({})).await;
    let preview = admin.go(&app, "preview").await;
    let names = |found: Vec<Value>| found[0]["accountNames"].clone();
    let adopted = admin.findings(&preview, "adoptAccount").await;
    assert_eq!(names(adopted), json!(["Typed by hand"]));
    // The list shows what an account is called today, and a number where there is none any more.
    let run = admin.go(&app, "run").await;
    let adopted = admin.findings(&run, "adoptAccount").await;
    assert_eq!(names(adopted), json!(["张伟"]));
    assert_eq!(admin.member("user-zhangwei").await["userName"], "张伟");
    let path = format!("/api/users:destroy?filterByTk={typed}");
    let gone = app.browser().post_as(&admin.token, &path, json!({})).await;
    assert_eq!(gone.status, 200, "{}", gone.text);
    let adopted = admin.findings(&run, "adoptAccount").await;
    assert_eq!(names(adopted), json!([format!("#{typed}")]));
    let person = admin.member("user-zhangwei").await;
    assert_eq!(person["userName"], json!(format!("#{typed}")));
}

#[actix_web::test]
async fn a_preview_says_what_would_be_done_and_a_run_what_was_done() {
    let app = TestApp::start().await;
    let mut admin = Administrator::of(&app).await;
    admin.save(json!({})).await;
    let preview = admin.go(&app, "preview").await;
    for (locale, text) in [
        ("en-US", "Account would be created"),
        ("zh-CN", "将创建账号"),
    ] {
        let told = texts(&app, &admin, &preview, locale).await;
        assert!(told.iter().any(|told| told == text), "{told:?}");
        assert!(
            !told.iter().any(|told| told == "Account created"),
            "{told:?}"
        );
    }
    let tally = &preview["tally"][0];
    assert_eq!(
        (&tally["text"], &tally["count"]),
        (
            &json!("Account would be created"),
            &preview["counts"]["created"]
        )
    );
    let run = admin.go(&app, "run").await;
    let told = texts(&app, &admin, &run, "en-US").await;
    assert!(
        told.iter().any(|told| told == "Account created"),
        "{told:?}"
    );
    assert_eq!(run["tally"][0]["text"], "Account created");
}
