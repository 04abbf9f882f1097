//! How requests are read and answered, whatever they ask for.

use reqwest::Method;
use serde_json::json;

use crate::support::TestApp;

#[actix_web::test]
async fn what_does_not_exist_is_not_found_in_plain_text() {
    let app = TestApp::start().await;
    let mut browser = app.browser();
    for path in [
        "/api/",
        "/api/nope:list",
        "/api/auth:nope",
        "/api/Auth:check",
        "/api/auth",
        "/api/auth/1/x/y/z",
    ] {
        let answer = browser.get(path).await;
        assert_eq!(
            (answer.status.as_u16(), answer.text.as_str()),
            (404, "Not Found"),
            "{path}"
        );
        assert_eq!(answer.header("content-type"), "text/plain; charset=utf-8");
    }
    let answer = browser.get("/api/%zz").await;
    assert_eq!(
        (answer.status.as_u16(), answer.message().as_str()),
        (400, "URI malformed")
    );
    let health = browser.get("/api/__health_check").await;
    assert_eq!((health.status.as_u16(), health.text.as_str()), (200, "ok"));
}

#[actix_web::test]
async fn the_method_does_not_count_where_the_action_is_named() {
    let app = TestApp::start().await;
    for method in [
        Method::GET,
        Method::POST,
        Method::PUT,
        Method::PATCH,
        Method::DELETE,
    ] {
        let answer = app
            .browser()
            .send(method.clone(), "/api/app:getInfo", &[], None)
            .await;
        assert_eq!(answer.json()["data"]["version"], "2.2.15", "{method}");
    }
}

#[actix_web::test]
async fn bodies_that_cannot_be_read_are_refused_kindly() {
    let app = TestApp::start().await;
    // A connection from the pool may be closed just when it is used again.
    let http = reqwest::Client::builder().pool_max_idle_per_host(0);
    let http = http.build().unwrap();
    let url = app.url("/api/auth:signIn");
    let deep = "[".repeat(60_000);
    for (kind, body, status, message) in [
        (
            "application/json",
            "{bad",
            400,
            "The request body is not valid JSON",
        ),
        (
            "application/json",
            deep.as_str(),
            400,
            "The request body is not valid JSON",
        ),
        (
            "application/json",
            "\"text\"",
            400,
            "invalid JSON, only supports object and array",
        ),
        (
            "application/json",
            "null",
            400,
            "invalid JSON, only supports object and array",
        ),
        (
            "application/json",
            "",
            400,
            "Please enter your username or email",
        ),
        (
            "application/json",
            "{}",
            400,
            "Please enter your username or email",
        ),
        (
            "text/plain",
            r#"{"account":"nocobase"}"#,
            400,
            "Please enter your username or email",
        ),
        (
            "application/vnd.api+json",
            r#"{"account":"x"}"#,
            401,
            "The username/email or password is incorrect, please re-enter",
        ),
        (
            "application/x-www-form-urlencoded",
            "account=x&password=y",
            401,
            "The username/email or password is incorrect, please re-enter",
        ),
    ] {
        let response = http
            .post(&url)
            .header("content-type", kind)
            .body(body.to_owned())
            .send()
            .await
            .unwrap();
        assert_eq!(response.status(), status, "{kind} {message}");
        let answer: serde_json::Value = response.json().await.unwrap();
        assert_eq!(answer["errors"][0]["message"], message);
    }
    let bytes = [b"{\"account\":\"\xff\xfe\"}".to_vec(), vec![0; 100]];
    for body in bytes {
        let response = http
            .post(&url)
            .header("content-type", "application/json")
            .body(body)
            .send();
        assert_eq!(response.await.unwrap().status(), 400);
    }
    let large = vec![b' '; 10 * 1024 * 1024 + 1];
    let response = http
        .post(&url)
        .header("content-type", "application/json")
        .body(large)
        .send()
        .await;
    assert_eq!(response.unwrap().status(), 413);
}

#[actix_web::test]
async fn other_sites_pages_may_read_but_not_with_cookies() {
    let app = TestApp::start().await;
    let own = app.url("");
    for (origin, credentials) in [
        ("https://other.example", ""),
        (own.as_str(), "true"),
        ("null", ""),
    ] {
        let headers = [("origin", origin)];
        let answer = app
            .browser()
            .send(Method::GET, "/api/app:getInfo", &headers, None)
            .await;
        assert_eq!(answer.header("access-control-allow-origin"), origin);
        assert_eq!(
            answer.header("access-control-expose-headers"),
            "content-disposition,x-new-token"
        );
        assert_eq!(
            answer.header("access-control-allow-credentials"),
            credentials
        );
        assert_eq!(answer.header("vary"), "Origin");
    }
    let headers = [
        ("origin", "https://other.example"),
        ("access-control-request-method", "POST"),
        ("access-control-request-headers", "authorization,x-role"),
    ];
    let answer = app
        .browser()
        .send(Method::OPTIONS, "/api/auth:signIn", &headers, None)
        .await;
    assert_eq!(answer.status, 204);
    assert_eq!(
        answer.header("access-control-allow-headers"),
        "authorization,x-role"
    );
    assert_eq!(
        answer.header("access-control-allow-methods"),
        "GET,HEAD,PUT,POST,DELETE,PATCH"
    );
    let answer = app
        .browser()
        .send(Method::OPTIONS, "/api/authenticators", &[], None)
        .await;
    assert_eq!(answer.status, 404);
}

#[actix_web::test]
async fn messages_follow_the_language_that_is_asked_for() {
    let app = TestApp::start().await;
    let mut browser = app.browser();
    for (headers, query, message) in [
        (vec![("x-locale", "zh-CN")], "", "未认证。请登录以继续。"),
        (vec![], "?locale=zh-CN", "未认证。请登录以继续。"),
        (
            vec![("x-locale", "xx-XX")],
            "",
            "Unauthenticated. Please sign in to continue.",
        ),
        (
            vec![("accept-language", "zh-CN")],
            "",
            "Unauthenticated. Please sign in to continue.",
        ),
    ] {
        let path = format!("/api/auth:check{query}");
        let answer = browser.send(Method::GET, &path, &headers, None).await;
        assert_eq!(
            (answer.message().as_str(), answer.code().as_str()),
            (message, "EMPTY_TOKEN")
        );
    }
}

#[actix_web::test]
async fn each_answer_has_an_id_of_its_own() {
    let app = TestApp::start().await;
    let headers = [("x-request-id", "chosen-by-the-client")];
    let mut browser = app.browser();
    let one = browser
        .send(Method::GET, "/api/app:getInfo", &headers, None)
        .await;
    let two = browser.send(Method::GET, "/api/nope", &headers, None).await;
    assert_eq!(one.header("x-request-id").len(), 36);
    assert_ne!(one.header("x-request-id"), two.header("x-request-id"));
}

#[actix_web::test]
async fn anonymous_visitors_learn_only_what_is_public() {
    let app =
        TestApp::with_options(json!({"public": {"autoSignup": true}, "note": "for-us-alone"}))
            .await;
    let mut browser = app.browser();
    let list = browser
        .post("/api/authenticators:publicList", json!({}))
        .await;
    let rows = list.json()["data"].clone();
    assert_eq!(rows[1]["name"], "dingtalk");
    assert_eq!(rows[1]["options"], json!({"autoSignup": true}));
    assert_eq!(
        rows[1]["authTypeTitle"],
        r#"{{t("DingTalk", {"ns":"@nocobase/plugin-auth-dingtalk"})}}"#
    );
    for public in [
        "app:getInfo",
        "app:getLang",
        "systemSettings:get",
        "pm:listEnabled",
        "pm:listEnabledV2",
    ] {
        let answer = browser.get(&format!("/api/{public}")).await;
        assert_eq!(answer.status, 200, "{public}");
        assert!(!answer.text.contains(dingtalk_sandbox::seed::CLIENT_SECRET));
        assert!(!answer.text.contains("for-us-alone"));
    }
    for protected in [
        "auth:check",
        "auth:signOut",
        "auth:syncCookies",
        "roles:check",
        "authenticators:listTypes",
        "collections:listMeta",
        "desktopRoutes:listAccessible",
        "flowModels:findOne",
        "flowModels:save",
        "dataSources:listEnabled",
        "uiSchemaTemplates:list",
    ] {
        let answer = browser.get(&format!("/api/{protected}")).await;
        assert_eq!(answer.code(), "EMPTY_TOKEN", "{protected}");
    }
}
