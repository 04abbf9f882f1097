//! The plugin manager.

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Answer, Browser, TestApp};

const OWN: &str = "auth-dingtalk";

async fn start() -> TestApp {
    TestApp::with_options(json!({"public": {"autoSignup": true}})).await
}

/// Switches our own plugin and waits until it is done.
async fn switch(browser: &mut Browser, token: &str, action: &str) {
    let path = format!("/api/pm:{action}?filterByTk={OWN}&awaitResponse=1");
    let answer = browser.get_as(token, &path).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
}

/// The names of what an action lists.
fn names(answer: &Answer) -> Vec<String> {
    let rows = answer.json()["data"]
        .as_array()
        .expect(&answer.text)
        .clone();
    rows.iter()
        .map(|row| row["name"].as_str().unwrap().to_owned())
        .collect()
}

#[actix_web::test]
async fn the_list_has_nocobases_plugins_and_our_own_in_the_language_of_the_request() {
    let ui = tempfile::tempdir().unwrap();
    let package = ui.path().join("@nocobase/plugin-users");
    fs::create_dir_all(&package).unwrap();
    let text = r#"{"name":"@nocobase/plugin-users","displayName":"Users","displayName.fr-FR":"Comptes","description":"People"}"#;
    fs::write(package.join("package.json"), text).unwrap();
    let flag = format!("--ui-dir={}", ui.path().display());
    let app = TestApp::with_flags(&[&flag], json!({})).await;
    let mut browser = app.browser();
    let token = browser.sign_in_as_root().await;

    for path in [
        "/api/pm:list",
        "/api/pm",
        "/api/pm:list?v2=1",
        "/api/pm:list?v2=true",
    ] {
        let answer = browser.get_as(&token, path).await;
        assert_eq!(
            names(&answer),
            ["auth", "acl", "users", "client", OWN],
            "{path}"
        );
        assert!(answer.json().get("meta").is_none());
    }
    let bearer = format!("Bearer {token}");
    let in_language = async |browser: &mut Browser, language: &str| {
        let headers = [("authorization", bearer.as_str()), ("x-locale", language)];
        let answer = browser
            .send(Method::GET, "/api/pm:list", &headers, None)
            .await;
        answer.json()["data"].clone()
    };

    let list = in_language(&mut browser, "fr-FR").await;
    assert_eq!(
        list[2],
        json!({
            "packageName": "@nocobase/plugin-users",
            "name": "users",
            "version": "2.2.15",
            "enabled": true,
            "installed": true,
            "builtIn": true,
            "homepage": "https://docs.nocobase.com/plugins/@nocobase/plugin-users",
            "packageJson": serde_json::from_str::<Value>(text).unwrap(),
            "removable": false,
            "displayName": "Comptes",
            "description": "People",
            "isCompatible": true,
            "depsCompatible": [],
        })
    );
    // A package that is not in the folder is known by its name.
    assert_eq!(list[0]["displayName"], "@nocobase/plugin-auth");
    assert_eq!(list[4]["displayName"], "Auth: DingTalk");

    let list = in_language(&mut browser, "zh-CN").await;
    assert_eq!(list[2]["displayName"], "Users");
    assert!(list[2]["homepage"].as_str().unwrap().contains("/cn/"));
    let own = &list[4];
    assert_eq!(own["displayName"], "认证：钉钉");
    assert_eq!(own["description"], "使用钉钉账号登录 NocoBase。");
    assert_eq!(own["builtIn"], false);
    assert_eq!(own["keywords"], json!(["Authentication"]));
    assert_eq!(own["packageJson"]["name"], "@nocobase/plugin-auth-dingtalk");

    let summary = browser.get_as(&token, "/api/pm:list?mode=summary").await;
    assert_eq!(
        summary.json()["data"][4],
        json!({
            "displayName": "Auth: DingTalk",
            "packageName": "@nocobase/plugin-auth-dingtalk",
            "enabled": true,
            "description": "Sign in to NocoBase with a DingTalk account.",
        })
    );
}

#[actix_web::test]
async fn one_plugin_is_found_by_its_short_name_or_its_package() {
    let app = start().await;
    let mut browser = app.browser();
    let token = browser.sign_in_as_root().await;
    for (path, name) in [
        ("/api/pm:get?filterByTk=auth-dingtalk", OWN),
        ("/api/pm/auth-dingtalk", OWN),
        // As in NocoBase, the answer has the name that was asked for.
        (
            "/api/pm:get?filterByTk=@nocobase/plugin-auth-dingtalk",
            "@nocobase/plugin-auth-dingtalk",
        ),
    ] {
        let plugin = browser.get_as(&token, path).await.json()["data"].clone();
        assert_eq!(plugin["name"], name, "{path}");
        assert_eq!(plugin["version"], env!("CARGO_PKG_VERSION"));
    }
    for (query, status, message) in [
        ("", 400, "plugin name invalid"),
        ("?filterByTk=", 400, "plugin name invalid"),
        ("?filterByTk=../x", 400, "plugin name invalid"),
        ("?filterByTk=nope", 404, "There is no plugin of this name."),
    ] {
        let path = format!("/api/pm:get{query}");
        let answer = browser.get_as(&token, &path).await;
        assert_eq!(
            (answer.status.as_u16(), answer.message().as_str()),
            (status, message)
        );
    }
}

#[actix_web::test]
async fn only_who_may_manage_plugins_reaches_the_plugin_manager() {
    let app = start().await;
    let mut member = app.browser();
    let session = member
        .sign_in(&app.sandbox, "lina")
        .await
        .session()
        .unwrap();
    let token = session["token"].as_str().unwrap();
    let actions = [
        "list", "get", "enable", "disable", "add", "update", "remove",
    ];
    for action in actions {
        let path = format!("/api/pm:{action}?filterByTk={OWN}");
        let stranger = app.browser().get(&path).await;
        assert_eq!(
            (stranger.status.as_u16(), stranger.code().as_str()),
            (401, "EMPTY_TOKEN")
        );
        // The member's browser has cookies of the session; they never count.
        assert_eq!(member.get(&path).await.status, 401);
        let answer = member.get_as(token, &path).await;
        assert_eq!(
            (answer.status.as_u16(), answer.message().as_str()),
            (403, "No permissions")
        );
    }
    let id = member.get_as(token, "/api/auth:check").await.json()["data"]["id"].clone();
    let id = id.as_i64().unwrap();
    app.store().grant_role(id, "admin", None).await.unwrap();
    let bearer = format!("Bearer {token}");
    let headers = [("authorization", bearer.as_str()), ("x-role", "admin")];
    let admin = member
        .send(Method::GET, "/api/pm:list", &headers, None)
        .await;
    assert_eq!(admin.status, 200);
    assert_eq!(app.store().enabled_plugins().await.unwrap().len(), 5);
}

#[actix_web::test]
async fn the_web_client_is_shown_the_plugin_manager_and_not_what_is_absent() {
    let app = start().await;
    let mut browser = app.browser();
    let token = browser.sign_in_as_root().await;
    let check = browser.get_as(&token, "/api/roles:check").await.json();
    let snippets = check["data"]["snippets"].as_array().unwrap().clone();
    for (snippet, expected) in [
        ("pm", true),
        ("!pm", false),
        ("ui.*", false),
        ("!ui.*", true),
    ] {
        assert_eq!(snippets.contains(&json!(snippet)), expected, "{snippet}");
    }
    assert_eq!(check["data"]["allowAll"], false);
}

#[actix_web::test]
async fn a_switch_answers_with_what_it_was_asked() {
    let app = start().await;
    let mut browser = app.browser();
    let token = browser.sign_in_as_root().await;
    let bearer = format!("Bearer {token}");
    for (method, target, echo) in [
        (Method::GET, ":enable?filterByTk=auth-dingtalk", json!(OWN)),
        (Method::POST, ":enable?filterByTk=auth-dingtalk", json!(OWN)),
        (Method::POST, ":enable/auth-dingtalk", json!(OWN)),
        (
            Method::GET,
            ":enable?filterByTk=auth,users",
            json!("auth,users"),
        ),
        (
            Method::GET,
            ":enable?filterByTk[]=auth&filterByTk[]=users",
            json!(["auth", "users"]),
        ),
        (
            Method::GET,
            ":enable?filterByTk%5B%5D=auth",
            json!(["auth"]),
        ),
        (
            Method::GET,
            ":enable?filterByTk=auth&filterByTk=users",
            json!(["auth", "users"]),
        ),
        (Method::GET, ":disable?filterByTk=nope", json!("nope")),
    ] {
        let path = format!("/api/pm{target}");
        let answer = browser
            .send(method, &path, &[("authorization", &bearer)], None)
            .await;
        assert_eq!(answer.json(), json!({"data": echo}), "{path}");
    }
    for query in [
        "",
        "?filterByTk=",
        "?filterByTk[]=",
        "?filterByTk=a,,b",
        "?filterByTk=a%20b",
    ] {
        for action in ["enable", "disable"] {
            let path = format!("/api/pm:{action}{query}");
            let answer = browser.get_as(&token, &path).await;
            assert_eq!(answer.status, 400, "{path}");
            assert_eq!(answer.message(), "plugin name invalid");
        }
    }
}

#[actix_web::test]
async fn who_waits_learns_why_nothing_was_switched() {
    let app = start().await;
    let mut browser = app.browser();
    let token = browser.sign_in_as_root().await;
    for (query, status, message) in [
        (
            "enable?filterByTk=nope",
            404,
            "There is no plugin of this name.",
        ),
        (
            "disable?filterByTk=users",
            400,
            "This plugin is part of the server and cannot be switched off.",
        ),
    ] {
        let path = format!("/api/pm:{query}&awaitResponse=yes");
        let answer = browser.get_as(&token, &path).await;
        assert_eq!(
            (answer.status.as_u16(), answer.message().as_str()),
            (status, message)
        );
    }
    assert_eq!(app.store().enabled_plugins().await.unwrap().len(), 5);
}

#[actix_web::test]
async fn plugins_are_not_added_updated_or_removed() {
    let app = start().await;
    let mut browser = app.browser();
    let token = browser.sign_in_as_root().await;
    let bearer = format!("Bearer {token}");
    for action in ["add", "update", "remove"] {
        let path = format!("/api/pm:{action}?filterByTk={OWN}");
        let headers = [("authorization", bearer.as_str()), ("x-locale", "zh-CN")];
        let body = Some(json!({"packageName": "@some/plugin"}));
        let answer = browser.send(Method::POST, &path, &headers, body).await;
        assert_eq!(answer.status, 403);
        assert_eq!(
            answer.message(),
            "插件是此服务器的一部分，不能添加、更新或移除。"
        );
    }
}

#[actix_web::test]
async fn while_the_plugin_is_off_nothing_of_it_is_offered_and_then_all_comes_back() {
    let app = start().await;
    let mut root = app.browser();
    let token = root.sign_in_as_root().await;
    let mut visitor = app.browser();
    assert!(
        visitor
            .sign_in(&app.sandbox, "lina")
            .await
            .session()
            .is_some()
    );
    let mut under_way = app.browser();
    let login_page = under_way.begin(Value::Null).await;

    switch(&mut root, &token, "disable").await;
    for path in ["/api/pm:listEnabled", "/api/pm:listEnabledV2"] {
        assert!(names(&visitor.get(path).await).is_empty());
    }
    let offered = visitor.get("/api/authenticators:publicList").await;
    assert_eq!(names(&offered), ["basic"]);
    let types = root.get_as(&token, "/api/authenticators:listTypes").await;
    assert_eq!(names(&types), ["Email/Password"]);
    let list = root.get_as(&token, "/api/pm:list").await.json();
    assert_eq!(list["data"][4]["enabled"], false);
    assert_eq!(list["data"][4]["installed"], true);

    assert_eq!(
        visitor.try_begin(Value::Null).await.code(),
        "DINGTALK_DISABLED"
    );
    let location = app.sandbox.choose(&login_page, "lina").await;
    let failure = under_way.get(&location).await.failure();
    assert_eq!(failure.as_deref(), Some("DINGTALK_DISABLED"));
    let code = app.sandbox.code("lina", "oauth").await;
    let headers = [("x-authenticator", "dingtalk")];
    let body = Some(json!({"authCode": code}));
    let answer = visitor
        .send(Method::POST, "/api/auth:signIn", &headers, body)
        .await;
    assert_eq!(
        (answer.status.as_u16(), answer.code().as_str()),
        (403, "DINGTALK_DISABLED")
    );
    // Passwords are as good as before.
    app.browser().sign_in_as_root().await;

    let accounts = app.count_users().await;
    switch(&mut root, &token, "enable").await;
    for path in ["/api/pm:listEnabled", "/api/pm:listEnabledV2"] {
        assert_eq!(names(&visitor.get(path).await), [OWN]);
    }
    let offered = visitor.get("/api/authenticators:publicList").await;
    assert_eq!(names(&offered), ["basic", "dingtalk"]);
    let types = root.get_as(&token, "/api/authenticators:listTypes").await;
    assert_eq!(names(&types), ["Email/Password", "dingtalk"]);
    // The same person is the same account.
    assert!(
        visitor
            .sign_in(&app.sandbox, "lina")
            .await
            .session()
            .is_some()
    );
    assert_eq!(app.count_users().await, accounts);
}

#[actix_web::test]
async fn public_requests_never_fail_while_the_plugin_is_switched() {
    const SWITCHES: usize = 200;
    let app = start().await;
    let mut root = app.browser();
    let token = root.sign_in_as_root().await;
    let over = Arc::new(AtomicBool::new(false));
    let answered = Arc::new(AtomicUsize::new(0));
    let visitors = (0..4).map(|_| {
        let (over, answered, mut visitor) = (over.clone(), answered.clone(), app.browser());
        actix_web::rt::spawn(async move {
            let paths = [
                "/api/pm:listEnabled",
                "/api/pm:listEnabledV2",
                "/api/authenticators:publicList",
            ];
            while !over.load(Ordering::Relaxed) {
                for path in paths {
                    let answer = visitor.get(path).await;
                    assert_eq!(answer.status, 200, "{path} {}", answer.text);
                    answered.fetch_add(1, Ordering::Relaxed);
                }
            }
        })
    });
    let visitors: Vec<_> = visitors.collect();
    // Two administrators who do not know of each other, one of them last.
    let mut other = app.browser();
    for _ in 0..SWITCHES / 2 {
        let enable = format!("/api/pm:enable?filterByTk={OWN}");
        let disable = format!("/api/pm:disable?filterByTk={OWN}");
        let (one, two) =
            futures_util::join!(root.get_as(&token, &enable), other.get_as(&token, &disable));
        assert_eq!((one.status.as_u16(), two.status.as_u16()), (200, 200));
    }
    switch(&mut root, &token, "enable").await;
    over.store(true, Ordering::Relaxed);
    for visitor in visitors {
        visitor.await.unwrap();
    }
    assert!(answered.load(Ordering::Relaxed) > SWITCHES / 10);

    let rows = app.store().plugins().await.unwrap();
    let own: Vec<_> = rows
        .iter()
        .filter(|row| row.name.as_deref() == Some(OWN))
        .collect();
    assert_eq!((own.len(), own[0].enabled), (1, Some(true)));
    assert_eq!(names(&root.get("/api/pm:listEnabled").await), [OWN]);
    let offered = names(&root.get("/api/authenticators:publicList").await);
    assert_eq!(offered, ["basic", "dingtalk"]);
}
