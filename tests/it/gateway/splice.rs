//! What the gateway adds to NocoBase's answers, and how it treats changes. The answers are those
//! that were recorded from a NocoBase, as far as they matter.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::upstream::{Connection, ScriptedUpstream, header};
use crate::support::{Answer, TestGateway};

const PLUGIN: &str = "@nocobase/plugin-auth-dingtalk";

fn answer(status: &str, body: &Value) -> String {
    let body = body.to_string();
    format!(
        "HTTP/1.1 {status}\r\nContent-Type: application/json; charset=utf-8\r\nETag: \"x\"\r\n\
         X-Request-Id: theirs\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// A NocoBase that recognises callers by their token.
fn nocobase(mut connection: Connection) {
    while let Some(head) = connection.request() {
        let body = connection.body(&head);
        let path = head.split(' ').nth(1).unwrap().to_owned();
        let action = path.split('?').next().unwrap();
        let who = header(&head, "authorization").unwrap_or_default();
        let told = match action {
            "/api/roles:check" if who == "Bearer admin" => {
                let snippets = json!(["pm", "pm.*", "ui.*"]);
                answer(
                    "200 OK",
                    &json!({"data": {"allowAll": false, "snippets": snippets}}),
                )
            }
            "/api/roles:check" if who == "Bearer member" => {
                let snippets = json!(["!pm", "!pm.*", "!ui.*"]);
                answer(
                    "200 OK",
                    &json!({"data": {"allowAll": false, "snippets": snippets}}),
                )
            }
            "/api/roles:check" => {
                let error = json!({"message": "Please sign in", "code": "EMPTY_TOKEN"});
                answer("401 Unauthorized", &json!({"errors": [error]}))
            }
            "/api/pm:list" | "/api/pm:listEnabled" | "/api/pm:listEnabledV2" => {
                let auth = json!({"name": "auth", "packageName": "@nocobase/plugin-auth"});
                answer("200 OK", &json!({"data": [auth]}))
            }
            "/api/app:getLang" => {
                let resources = json!({"auth": {}});
                answer(
                    "200 OK",
                    &json!({"data": {"lang": "zh-CN", "resources": resources}}),
                )
            }
            "/api/authenticators:listTypes" => answer(
                "200 OK",
                &json!({"data": [{"name": "Email/Password", "title": "Password"}]}),
            ),
            "/api/authenticators:publicList" => {
                let basic = json!({"name": "basic", "authType": "Email/Password", "options": {}});
                answer("200 OK", &json!({"data": [basic]}))
            }
            // NocoBase returns what was saved.
            "/api/authenticators:create" => {
                let row: Value = serde_json::from_slice(&body).unwrap_or_default();
                answer("200 OK", &json!({"data": row}))
            }
            "/api/authenticators:update" => {
                let row: Value = serde_json::from_slice(&body).unwrap_or_default();
                answer("200 OK", &json!({"data": [row]}))
            }
            _ => answer("200 OK", &json!({"data": path})),
        };
        connection.say(told);
    }
}

async fn gateway() -> TestGateway {
    TestGateway::before(ScriptedUpstream::start(nocobase)).await
}

async fn get(gateway: &TestGateway, who: &str, path: &str) -> Answer {
    gateway.browser().get_as(who, path).await
}

async fn post(gateway: &TestGateway, who: &str, path: &str, body: Value) -> Answer {
    gateway.browser().post_as(who, path, body).await
}

#[actix_web::test]
async fn our_plugin_stands_among_those_of_nocobase() {
    let gateway = gateway().await;
    let list = get(&gateway, "admin", "/api/pm:list").await;
    assert_eq!(list.names(), ["auth", "auth-dingtalk"]);
    let card = &list.json()["data"][1];
    assert_eq!(
        (&card["enabled"], &card["builtIn"]),
        (&json!(false), &json!(false))
    );
    assert_eq!(
        list.header("x-request-id").len(),
        36,
        "the gateway names it"
    );
    assert_eq!(list.header("etag"), "", "it was that of another body");
    let in_chinese = [("authorization", "Bearer admin"), ("x-locale", "zh-CN")];
    let list = gateway
        .browser()
        .send(Method::GET, "/api/pm:list", &in_chinese, None)
        .await;
    assert_eq!(list.json()["data"][1]["displayName"], "认证：钉钉");
    for action in ["listEnabled", "listEnabledV2"] {
        let path = format!("/api/pm:{action}");
        assert_eq!(get(&gateway, "", &path).await.names(), ["auth"]);
    }
    gateway.enable_plugin().await;
    for (action, folder) in [("listEnabled", "client"), ("listEnabledV2", "client-v2")] {
        let listed = get(&gateway, "", &format!("/api/pm:{action}")).await;
        assert_eq!(listed.names(), ["auth", "auth-dingtalk"]);
        let url = listed.json()["data"][1]["url"].as_str().unwrap().to_owned();
        assert!(url.starts_with(&format!("/static/plugins/{PLUGIN}/dist/{folder}/index.js?")));
        let heads = gateway.upstream.heads().len();
        let module = gateway.browser().get(&url).await;
        assert!(module.text.contains("define("), "{}", module.text);
        assert_eq!(gateway.upstream.heads().len(), heads, "it is ours");
    }
    // NocoBase's other forms of the same requests.
    for path in [
        "/api/pm",
        "/api/__app/main/pm:list",
        "/api/pm:list/",
        "/api/pm:list?__appName=main",
    ] {
        let head = get(&gateway, "admin", path).await;
        assert_eq!(head.status, 200);
    }
    let sub = get(&gateway, "admin", "/api/pm:list?__appName=other").await;
    assert_eq!(
        sub.names(),
        ["auth"],
        "this server has nothing to do with another application"
    );
}

#[actix_web::test]
async fn only_who_may_switches_our_plugin_and_others_are_left_to_nocobase() {
    let gateway = gateway().await;
    let path = "/api/pm:enable?filterByTk=auth-dingtalk";
    assert_eq!(get(&gateway, "", path).await.status, 401);
    assert_eq!(get(&gateway, "member", path).await.status, 403);
    let store = &gateway.server.app.store;
    assert!(!store.is_switched_on("auth-dingtalk").await.unwrap());
    assert_eq!(
        get(&gateway, "admin", path).await.json()["data"],
        "auth-dingtalk"
    );
    assert!(store.is_switched_on("auth-dingtalk").await.unwrap());
    let asked = gateway.upstream.heads();
    assert!(
        asked
            .iter()
            .all(|head| head.starts_with("GET /api/roles:check ")),
        "{asked:?}"
    );

    let both = format!("/api/pm:disable?filterByTk[]=users&filterByTk[]={PLUGIN}&awaitResponse=1");
    assert_eq!(
        get(&gateway, "admin", &both).await.json()["data"],
        json!(["users", PLUGIN])
    );
    assert!(!store.is_switched_on("auth-dingtalk").await.unwrap());
    let last = gateway.upstream.heads().pop().unwrap();
    assert!(
        last.starts_with("GET /api/pm:disable?awaitResponse=1&filterByTk=users "),
        "{last}"
    );

    let others = "/api/pm:enable?filterByTk=departments";
    get(&gateway, "", others).await;
    let last = gateway.upstream.heads().pop().unwrap();
    assert!(last.starts_with(&format!("GET {others} ")), "{last}");
    let removed = get(&gateway, "admin", "/api/pm:remove?filterByTk=auth-dingtalk").await;
    assert_eq!(removed.status, 403);
    assert_eq!(
        get(&gateway, "member", "/api/pm:get?filterByTk=auth-dingtalk")
            .await
            .status,
        403
    );
}

#[actix_web::test]
async fn visitors_are_offered_dingtalk_in_its_place_and_in_their_language() {
    let gateway = gateway().await;
    gateway.create_authenticator("ding", true).await;
    gateway.create_authenticator("off", false).await;
    let public = "/api/authenticators:publicList";
    assert_eq!(get(&gateway, "", public).await.names(), ["basic"]);
    gateway.enable_plugin().await;
    let listed = get(&gateway, "", public).await;
    assert_eq!(listed.names(), ["basic", "ding"]);
    assert_eq!(
        listed.json()["data"][1]["options"],
        json!({"autoSignup": true})
    );
    let types = get(&gateway, "admin", "/api/authenticators:listTypes").await;
    assert_eq!(types.names(), ["Email/Password", "dingtalk"]);
    let texts = get(&gateway, "", "/api/app:getLang?locale=zh-CN")
        .await
        .json();
    assert_eq!(
        texts["data"]["resources"][PLUGIN]["Client ID"],
        texts["data"]["resources"]["auth-dingtalk"]["Client ID"]
    );
    assert!(texts["data"]["resources"]["auth-dingtalk"]["DingTalk"].is_string());
    let some = get(&gateway, "", "/api/app:getLang?ns=auth").await.json();
    assert!(some["data"]["resources"][PLUGIN].is_null());
}

#[actix_web::test]
async fn nocobase_never_sees_a_dingtalk_authenticator_as_enabled() {
    let gateway = gateway().await;
    let id = gateway.create_authenticator("ding", true).await;
    let options = json!({"clientId": "a", "clientSecret": "b"});
    let row = json!({"name": "d2", "authType": "dingtalk", "enabled": true, "options": options});
    let path = "/api/authenticators:create";
    assert_eq!(post(&gateway, "", path, row.clone()).await.status, 401);
    assert_eq!(
        post(&gateway, "member", path, row.clone()).await.status,
        403
    );
    let wrong = json!({"name": "d2", "authType": "dingtalk", "options": {"clientId": "a"}});
    let refused = post(&gateway, "admin", path, wrong).await;
    assert_eq!(
        (refused.status.as_u16(), refused.message().as_str()),
        (400, "Client Secret is required")
    );
    let created = post(&gateway, "admin", path, row).await;
    assert_eq!(created.json()["data"]["enabled"], true);
    assert_eq!(
        created.json()["data"]["options"],
        json!({"clientId": "a", "clientSecret": "********"})
    );

    // The answers show the effective state.
    let update = format!("/api/authenticators:update?filterByTk={id}");
    for (sent, enabled) in [
        (json!({"enabled": false}), false),
        (json!({"enabled": true}), true),
        (json!({"title": "New"}), true),
        (
            json!({"options": {"clientId": "x", "clientSecret": "********"}, "enabled": true}),
            true,
        ),
    ] {
        let updated = post(&gateway, "admin", &update, sent.clone()).await;
        let row = &updated.json()["data"][0];
        assert_eq!(row["enabled"], enabled, "{sent}");
        assert_eq!(row["options"]["clientSecret"], "********");
        assert!(row["options"]["dingtalkGateway"].is_null());
        assert_eq!(row["id"], id);
    }
    for (path, sent) in [
        (format!("{update}&filterByTk=1"), json!({"enabled": true})),
        (
            "/api/authenticators:update?filter={\"name\":\"ding\"}".to_owned(),
            json!({"enabled": true}),
        ),
        (
            "/api/authenticators:update?filterByTk={\"id\":2}".to_owned(),
            json!({"enabled": true}),
        ),
        (
            "/api/authenticators:updateOrCreate".to_owned(),
            json!({"filterKeys": ["name"], "values": {"name": "ding", "enabled": true}}),
        ),
        (
            path.to_owned(),
            json!([{"name": "d", "authType": "dingtalk", "enabled": true}]),
        ),
    ] {
        let refused = post(&gateway, "admin", &path, sent).await;
        assert_eq!(refused.status, 400, "{path}: {}", refused.text);
    }
    let written = gateway.upstream.bodies();
    let written: Vec<Value> = written
        .iter()
        .map(|body| serde_json::from_str(body).unwrap())
        .collect();
    assert_eq!(written.len(), 5, "one create and four updates");
    assert!(
        written.iter().all(|row| row["enabled"] == false),
        "{written:?}"
    );
    let truth = written
        .iter()
        .map(|row| &row["options"]["dingtalkGateway"]["enabled"]);
    assert!(
        truth.eq([true, false, true, true, true].iter()),
        "{written:?}"
    );
    let kept = &written[4]["options"]["clientSecret"];
    assert_eq!(kept, dingtalk_sandbox::seed::CLIENT_SECRET);
}

#[actix_web::test]
async fn pages_of_other_origins_can_read_what_we_answer_ourselves() {
    let gateway = gateway().await;
    let origin = ("origin", "https://other.example");
    for (who, path, status) in [
        ("admin", "/api/pm:get?filterByTk=auth-dingtalk", 200),
        ("admin", "/api/pm:enable?filterByTk=auth-dingtalk", 200),
        ("admin", "/api/pm:remove?filterByTk=auth-dingtalk", 403),
        ("member", "/api/pm:get?filterByTk=auth-dingtalk", 403),
    ] {
        let bearer = format!("Bearer {who}");
        let headers = [origin, ("authorization", bearer.as_str())];
        let answer = gateway
            .browser()
            .send(Method::GET, path, &headers, None)
            .await;
        assert_eq!(answer.status, status, "{path}: {}", answer.text);
        assert_eq!(answer.header("vary"), "Origin", "{path}");
        assert_eq!(answer.header("access-control-allow-origin"), origin.1);
        assert_ne!(answer.header("x-request-id"), "", "{path}");
    }
}

#[actix_web::test]
async fn what_is_not_dingtalk_is_saved_as_it_was_sent() {
    let gateway = gateway().await;
    let row =
        json!({"name": "x", "authType": "Email/Password", "enabled": true, "options": {"a": 1}});
    // NocoBase decides whether they may; the gateway only asks who they are, before it reads a body.
    let created = post(
        &gateway,
        "member",
        "/api/authenticators:create",
        row.clone(),
    )
    .await;
    assert_eq!(created.json()["data"], row);
    let heads = gateway.upstream.heads();
    let [asked, sent] = heads.as_slice() else {
        panic!("{heads:?}");
    };
    assert!(asked.starts_with("GET /api/roles:check "), "{asked}");
    assert!(
        sent.starts_with("POST /api/authenticators:create "),
        "{sent}"
    );
}

#[actix_web::test]
async fn an_answer_that_cannot_be_read_is_passed_on_as_it_is() {
    for answer in [
        "HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/json\r\nContent-Length: 12\r\n\r\n{\"error\": 1}",
        "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nok",
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Encoding: br\r\nContent-Length: 3\r\n\r\n{}x",
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 3\r\n\r\n{}x",
    ] {
        let gateway = TestGateway::before(ScriptedUpstream::answering(answer)).await;
        let headers = [("accept-encoding", "br")];
        let heard = gateway
            .browser()
            .send(Method::GET, "/api/pm:listEnabled", &headers, None)
            .await;
        let (_, body) = answer.split_once("\r\n\r\n").unwrap();
        assert_eq!(heard.text, body);
        assert_eq!(heard.status.as_str(), answer.split(' ').nth(1).unwrap());
        let head = &gateway.upstream.heads()[0];
        assert_eq!(header(head, "accept-encoding").unwrap(), "identity");
    }
}
