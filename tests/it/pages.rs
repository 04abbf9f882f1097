//! Files and pages, in a folder like the one that `make ui` fills.

use std::fs;
use std::path::Path;

use serde_json::json;

use crate::support::TestApp;

#[actix_web::test]
async fn without_the_pages_the_server_says_how_to_get_them() {
    let app = TestApp::start().await;
    let mut browser = app.browser();
    for path in ["/", "/admin", "/v/", "/signin"] {
        let answer = browser.get(path).await;
        assert_eq!(answer.status, 200);
        assert!(answer.text.contains("make ui"), "{path}");
    }
    assert_eq!(browser.get("/api/app:getInfo").await.status, 200);
    for generation in ["client", "client-v2"] {
        let path = format!(
            "/static/plugins/@nocobase/plugin-auth-dingtalk/dist/{generation}/index.js?hash=1"
        );
        let module = browser.get(&path).await;
        assert_eq!(
            module.header("content-type"),
            "application/javascript; charset=utf-8"
        );
        assert!(
            module
                .text
                .contains("define('@nocobase/plugin-auth-dingtalk")
        );
    }
    // Only modules that can be loaded are listed.
    let listed = browser.get("/api/pm:listEnabled").await.json();
    assert_eq!(listed["data"].as_array().unwrap().len(), 1);
    assert_eq!(listed["data"][0]["name"], "auth-dingtalk");
}

fn write(folder: &Path, path: &str, text: &str) {
    let file = folder.join(path);
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(file, text).unwrap();
}

/// A folder with one file of each kind.
fn ui() -> tempfile::TempDir {
    let ui = tempfile::tempdir().unwrap();
    let app = ui.path().join("@nocobase/app/dist/client");
    write(
        &app,
        "index.html.tpl",
        "<head>{{env.APP_PUBLIC_PATH}} {{env.API_BASE_URL}} <script src=\"assets/a.js\">",
    );
    write(&app, "assets/a.js", "first");
    write(&app, "assets/a.js.gz", "compressed");
    write(
        &app,
        "v/index.html",
        "<head><script src=\"/v/assets/b.js\">",
    );
    write(&app, "v/assets/b.js", "second");
    let auth = ui.path().join("@nocobase/plugin-auth");
    write(&auth, "dist/client/index.js", "auth");
    write(&auth, "dist/server/secret.js", "server");
    write(&auth, "dist/locale/zh-CN.json", r#"{"Password": "密码"}"#);
    write(ui.path(), "outside.js", "outside");
    ui
}

async fn app_with(ui: &tempfile::TempDir, flags: &[&str]) -> TestApp {
    let folder = format!("--ui-dir={}", ui.path().display());
    let flags: Vec<_> = flags.iter().copied().chain([folder.as_str()]).collect();
    TestApp::with_flags(&flags, json!({})).await
}

#[actix_web::test]
async fn files_are_served_and_pages_stand_in_for_routes() {
    let ui = ui();
    let app = app_with(&ui, &[]).await;
    let mut browser = app.browser();
    assert_eq!(
        browser.get("/admin/x").await.text,
        "<head>/ /api/ <script src=\"/assets/a.js\">"
    );
    let modern = browser.get("/v/admin").await;
    assert!(
        modern
            .text
            .contains("window['__nocobase_public_path__']=\"/v/\""),
        "{}",
        modern.text
    );
    assert!(
        modern
            .header("content-security-policy")
            .contains("default-src 'self'")
    );
    let file = browser.get("/assets/a.js").await;
    assert_eq!(
        (file.text.as_str(), file.header("cache-control")),
        ("first", "public, max-age=31536000, immutable")
    );
    assert_eq!(browser.get("/v/assets/b.js").await.text, "second");
    assert_eq!(
        browser
            .get("/static/plugins/@nocobase/plugin-auth/dist/client/index.js")
            .await
            .text,
        "auth"
    );
    assert_eq!(
        browser
            .get("/static/plugins/%40nocobase/plugin-auth/dist/client/index.js?h=1")
            .await
            .text,
        "auth"
    );
    let headers = [("accept-encoding", "gzip")];
    let compressed = browser
        .send(reqwest::Method::GET, "/assets/a.js", &headers, None)
        .await;
    assert_eq!(
        (
            compressed.header("content-encoding"),
            compressed.text.as_str()
        ),
        ("gzip", "compressed")
    );
    let languages = browser
        .get("/api/app:getLang?locale=zh-CN&ns=auth")
        .await
        .json();
    assert_eq!(
        languages["data"]["lang"], "en-US",
        "only languages that are offered"
    );
}

#[actix_web::test]
async fn nothing_but_the_browsers_files_is_served() {
    let ui = ui();
    let app = app_with(&ui, &[]).await;
    // These are sent as bytes, because clients normalise such paths.
    for path in [
        "/assets/missing.js",
        "/v/missing.css",
        "/static/plugins/@nocobase/plugin-auth/dist/server/secret.js",
        "/static/plugins/@nocobase/plugin-auth/package.json",
        "/assets/../../../../outside.js",
        "/assets/..%2f..%2f..%2f..%2foutside.js",
        "/%2e%2e/outside.js",
        "/assets/a.js.gz",
        "/index.html.tpl",
        "//etc/passwd.txt",
        "/..%5c..%5coutside.js",
        "/assets/a.js%00.css",
        "/%ff.js",
    ] {
        let answer = app.raw(&format!(
            "GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"
        ));
        assert!(answer.starts_with("HTTP/1.1 404"), "{path}: {answer}");
    }
    assert_eq!(app.browser().post("/admin", json!({})).await.status, 404);
}

#[actix_web::test]
async fn under_a_public_path_the_pages_say_so() {
    let ui = ui();
    let app = app_with(&ui, &["--app-public-path=/nocobase"]).await;
    let mut browser = app.browser();
    let page = browser.get("/nocobase/admin").await.text;
    assert_eq!(
        page,
        "<head>/nocobase/ /nocobase/api/ <script src=\"/nocobase/assets/a.js\">"
    );
    let modern = browser.get("/nocobase/v/admin").await.text;
    assert!(
        modern.contains("__nocobase_public_path__']=\"/nocobase/v/\""),
        "{modern}"
    );
    assert!(
        modern.contains("src=\"/nocobase/v/assets/b.js\""),
        "{modern}"
    );
    assert_eq!(browser.get("/nocobase/assets/a.js").await.text, "first");
    assert_eq!(browser.get("/assets/a.js").await.status, 307);
    let listed = browser.get("/nocobase/api/pm:listEnabled").await.json();
    let url = listed["data"][0]["url"].as_str().unwrap().to_owned();
    assert!(
        url.starts_with("/nocobase/static/plugins/@nocobase/plugin-auth/"),
        "{url}"
    );
    assert_eq!(browser.get(&url).await.text, "auth");
}
