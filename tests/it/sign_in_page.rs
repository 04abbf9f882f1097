//! The data of the sign-in page: DingTalk's QR code, going there at once, and the number of a
//! refusal.

use std::fs;

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::TestApp;

const SCRIPT: &str = "/h5-dingtalk-login/ddlogin.js";

/// A folder with the pages of both generations.
fn pages() -> tempfile::TempDir {
    let ui = tempfile::tempdir().unwrap();
    let client = ui.path().join("@nocobase/app/dist/client");
    fs::create_dir_all(client.join("v")).unwrap();
    fs::write(client.join("index.html.tpl"), "<head>").unwrap();
    fs::write(client.join("v/index.html"), "<head>").unwrap();
    ui
}

async fn app_with(ui: &tempfile::TempDir, options: Value) -> TestApp {
    let folder = format!("--ui-dir={}", ui.path().display());
    TestApp::with_flags(&[folder.as_str()], options).await
}

/// The content security policy of a page.
async fn policy(app: &TestApp, path: &str) -> String {
    let page = app.browser().get(path).await;
    page.header("content-security-policy").to_owned()
}

/// The DingTalk authenticator, as visitors see it.
async fn shown(app: &TestApp) -> Value {
    let path = "/api/authenticators:publicList";
    let listed = app.browser().post(path, json!({})).await.json();
    let listed = listed["data"].as_array().unwrap();
    let own = listed.iter().find(|row| row["authType"] == "dingtalk");
    own.unwrap()["options"].clone()
}

#[actix_web::test]
async fn pages_load_the_script_of_dingtalk_only_where_an_authenticator_wants_it() {
    let ui = pages();
    for (public, wanted) in [
        (json!({}), false),
        (json!({"qrCode": false}), false),
        (json!({"qrCode": true, "atOnce": true}), true),
        // Options cannot add scripts of other hosts.
        (
            json!({"embedded": {"script": "https://evil.example/a.js"}}),
            false,
        ),
    ] {
        let app = app_with(&ui, json!({"public": public})).await;
        let script = app.sandbox.url().join(SCRIPT).unwrap().to_string();
        let options = shown(&app).await;
        let told = if wanted { json!(script) } else { Value::Null };
        assert_eq!(options["embedded"]["script"], told, "{public}");
        assert_eq!(options["atOnce"], public["atOnce"]);
        for path in ["/signin", "/v/signin"] {
            let policy = policy(&app, path).await;
            assert!(policy.contains("default-src 'self'"), "{policy}");
            assert_eq!(policy.contains(&script), wanted, "{policy}");
            assert_eq!(
                policy.contains("frame-src 'self' http://"),
                wanted,
                "{policy}"
            );
            assert!(!policy.contains("evil.example"), "{policy}");
        }
    }
}

#[actix_web::test]
async fn a_page_forgets_the_script_with_the_authenticator_that_wanted_it() {
    let ui = pages();
    let app = app_with(&ui, json!({"public": {"qrCode": true}})).await;
    let script = app.sandbox.url().join(SCRIPT).unwrap().to_string();
    assert!(policy(&app, "/signin").await.contains(&script));
    let mut browser = app.browser();
    let credentials = json!({"account": "nocobase", "password": "admin123"});
    let session = browser.post("/api/auth:signIn", credentials).await.json();
    let bearer = format!("Bearer {}", session["data"]["token"].as_str().unwrap());
    let headers = [("authorization", bearer.as_str())];
    let path = "/api/authenticators:update?filterByTk=2";
    let body = Some(json!({"enabled": false}));
    let answer = browser.send(Method::POST, path, &headers, body).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert!(!policy(&app, "/signin").await.contains(&script));
}

#[actix_web::test]
async fn a_refusal_carries_the_number_of_its_request() {
    let app = TestApp::start().await;
    let mut browser = app.browser();
    let url = browser.begin(json!("/admin")).await;
    let location = app.sandbox.choose(&url, "emma").await;
    let answer = browser.get(&location).await;
    let back = answer.header("location");
    let (_, number) = back.split_once("dingtalkRequest=").expect(back);
    assert_eq!(number, answer.header("x-request-id"));
}
