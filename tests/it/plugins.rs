//! What the plugin manager shows, and to whom.

use std::fs;

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Browser, TestApp};

const OWN: &str = "auth-dingtalk";

async fn start() -> TestApp {
    TestApp::with_options(json!({"public": {"autoSignup": true}})).await
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
    let token = app.root_token().await;

    for path in [
        "/api/pm:list",
        "/api/pm",
        "/api/pm:list?v2=1",
        "/api/pm:list?v2=true",
    ] {
        let answer = browser.get_as(&token, path).await;
        assert_eq!(
            answer.names(),
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
    let token = app.root_token().await;
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
    let token = app.root_token().await;
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
async fn plugins_are_not_added_updated_or_removed() {
    let app = start().await;
    let mut browser = app.browser();
    let token = app.root_token().await;
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
