//! Test messages, which people send to themselves.

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::messages::{CALL, app, bound, received};
use crate::support::roles::new_role;
use crate::support::{Answer, TestApp};

const TEST: &str = "/api/dingtalkMessages:sendTest";

/// Somebody who is bound, with a role of these snippets: the token.
async fn somebody(app: &TestApp, person: &str, snippets: Value) -> String {
    let id = bound(app, person).await;
    let role = new_role("desk", snippets, &json!([]));
    app.store().create_role(role).await.unwrap();
    let root = app.root_token().await;
    let path = format!("/api/users/{id}/roles:set");
    let given = app.browser().post_as(&root, &path, json!(["desk"])).await;
    assert_eq!(given.status, StatusCode::OK, "{}", given.text);
    let page = app.browser().sign_in(&app.sandbox, person).await;
    let session = page.session().expect(&page.text);
    session["token"].as_str().unwrap().to_owned()
}

async fn ask(app: &TestApp, token: &str, language: &str, body: Value) -> Answer {
    let authorization = format!("Bearer {token}");
    let headers = [
        ("authorization", authorization.as_str()),
        ("x-locale", language),
    ];
    let method = reqwest::Method::POST;
    app.browser().send(method, TEST, &headers, Some(body)).await
}

/// The state and the words of an answer.
fn told(answer: &Answer) -> (String, String) {
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    let data = &answer.json()["data"];
    let text = |key: &str| data[key].as_str().unwrap().to_owned();
    (text("state"), text("text"))
}

fn said(state: &str, words: &str) -> (String, String) {
    (state.to_owned(), words.to_owned())
}

#[actix_web::test]
async fn whoever_clicks_gets_the_message_in_their_language_each_time_and_in_both_ways() {
    let app = app().await;
    let snippets = json!(["pm.notification.channels"]);
    let token = somebody(&app, "lina", snippets).await;
    for (language, way, words) in [
        (
            "en-US",
            "workNotification",
            "DingTalk has taken the message. You get it in a moment.",
        ),
        (
            "en-US",
            "workNotification",
            "DingTalk has taken the message. You get it in a moment.",
        ),
        ("zh-CN", "robot", "钉钉已接收消息，您很快就会收到。"),
    ] {
        let body = json!({"authenticator": "dingtalk", "way": way});
        let answer = ask(&app, &token, language, body).await;
        assert_eq!(told(&answer), said("sent", words));
    }
    let got = received(&app).await;
    let text = |at: usize| {
        assert_eq!(got[at]["userid"], "user-lina");
        let content = &got[at]["content"];
        let text = content["text"]["content"].as_str();
        text.or(content["msgParam"]["content"].as_str()).unwrap()
    };
    let english = "This is a test. Messages from NocoBase reach you here.";
    assert_eq!(text(0), english);
    assert_eq!(text(1), format!("{english} (2)"));
    assert_eq!(text(2), "这是一条测试消息。NocoBase 的消息会在这里送达。");
    assert_eq!(got.len(), 3);
}

#[actix_web::test]
async fn why_it_did_not_go_is_said_in_words() {
    let app = app().await;
    let token = somebody(&app, "lina", json!(["pm.auth-dingtalk.messages"])).await;
    let root = app.root_token().await;
    let unbound = "You get no messages, because your account is not bound to DingTalk.";
    let answer = ask(&app, &root, "en-US", json!({})).await;
    assert_eq!(told(&answer), said("notBound", unbound));

    app.sandbox.change_app(json!({"agentId": 1})).await;
    let refused = "DingTalk does not send you the message: the Agent ID is not that of the app.";
    let answer = ask(&app, &token, "en-US", json!({})).await;
    assert_eq!(told(&answer), said("failed", refused));
    assert_eq!(answer.json()["data"]["reason"], "agent");
    // The list says the same.
    let list = "/api/dingtalkMessages:list?sort=-id";
    let listed = app.browser().get_as(&root, list).await.json();
    let explained = &listed["data"][0]["explanation"];
    assert_eq!(explained, "the Agent ID is not that of the app");

    app.sandbox.fault(CALL, "breakOff", json!(1), 0).await;
    let unclear =
        "The message may arrive, or not: the service could not be reached or had a problem.";
    let answer = ask(&app, &token, "en-US", json!({})).await;
    assert_eq!(told(&answer), said("unknown", unclear));

    app.sandbox.fault(CALL, "apiBanned", json!(1), 0).await;
    let waits = "The message waits until DingTalk takes it: the app sent too much at once.";
    let answer = ask(&app, &token, "en-US", json!({})).await;
    assert_eq!(told(&answer), said("claimed", waits));

    let answer = ask(&app, &token, "en-US", json!({"authenticator": "other"})).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{}", answer.text);
    assert_eq!(answer.code(), "MESSAGE_NO_AUTHENTICATOR");
    assert_eq!(received(&app).await, [Value::Null; 0]);
}

#[actix_web::test]
async fn who_has_neither_right_gets_none_and_it_is_in_the_audit_trail_who_sent() {
    let app = app().await;
    let token = somebody(&app, "lina", json!(["pm.auth-dingtalk", "pm.users"])).await;
    let answer = ask(&app, &token, "en-US", json!({})).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN, "{}", answer.text);
    assert_eq!(received(&app).await, [Value::Null; 0]);
    let root = app.root_token().await;
    assert_eq!(app.browser().get_as(&root, TEST).await.status, 404);
    ask(&app, &root, "en-US", json!({"authenticator": "dingtalk"})).await;
    let path = r#"/api/dingtalkAudit:list?filter={"action":"messageSend"}"#;
    let trail = app.browser().get_as(&root, path).await.json();
    assert_eq!(trail["meta"]["count"], 1);
    assert_eq!(trail["data"][0]["actorId"], 1);
}
