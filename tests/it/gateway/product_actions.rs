//! Binding, ending sessions and the audit trail of a gateway.

use chrono::TimeDelta;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::TestGateway;
use crate::support::upstream::{ScriptedUpstream, header};

/// Everybody may do everything.
const OK: &str = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 40\r\n\r\n{\"data\":{\"role\":\"root\",\"allowAll\":true}}";
const EVERYWHERE: &str = "/api/dingtalk:signOutEverywhere";

async fn gateway(answer: &str) -> TestGateway {
    let gateway = TestGateway::before(ScriptedUpstream::answering(answer)).await;
    gateway.enable_plugin().await;
    gateway.create_authenticator("dingtalk", true).await;
    gateway
}

/// A token of an account with a password, as NocoBase issues it.
async fn member(gateway: &TestGateway) -> (i64, String) {
    gateway.member("ada", None).await
}

#[actix_web::test]
async fn an_account_of_nocobase_binds_and_unbinds_itself() {
    let gateway = gateway(OK).await;
    let (id, token) = member(&gateway).await;
    let mut browser = gateway.browser();
    let path = "/api/dingtalk:bind?authenticator=dingtalk";
    let begun = browser
        .post_as(&token, path, json!({"password": "pw"}))
        .await;
    let json = begun.json();
    let url = json["data"].as_str().expect(&begun.text);
    let location = gateway.app.sandbox.choose(url, "zhangwei").await;
    let answer = browser.get(&location).await;
    assert_eq!(answer.header("location"), "/admin", "{}", answer.text);
    let page = gateway
        .browser()
        .sign_in(&gateway.app.sandbox, "zhangwei")
        .await;
    assert!(page.session().is_some());
    let path = "/api/dingtalk:unbind?authenticator=dingtalk";
    let answer = browser
        .post_as(&token, path, json!({"password": "pw"}))
        .await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    // NocoBase was asked for permissions, and for nothing else.
    let heads = gateway.upstream.heads();
    let asks = |head: &String| head.starts_with("GET /api/roles:check HTTP/1.1\r\n");
    assert!(heads.iter().all(asks), "{heads:?}");
    assert_eq!(heads.len(), 2);
    // All of it is in the audit trail, which is in this product's own table.
    let root = gateway.root_token().await;
    let path = format!("/api/dingtalkAudit:list?sort=id&filter={{\"userId\":{id}}}");
    let rows = gateway.browser().get_as(&root, &path).await;
    let rows = rows.json()["data"].clone();
    let actions: Vec<_> = rows
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["action"].as_str().unwrap())
        .collect();
    assert_eq!(actions, ["bind", "signIn", "unbind"]);
}

#[actix_web::test]
async fn an_old_token_counts_while_nocobase_would_renew_it() {
    let gateway = gateway(OK).await;
    let (_, token) = member(&gateway).await;
    gateway.app.clock.advance(TimeDelta::hours(25));
    let path = "/api/dingtalk:binding?authenticator=dingtalk";
    let answer = gateway.browser().get_as(&token, path).await;
    assert_eq!(answer.json()["data"]["bound"], false, "{}", answer.text);
    assert_eq!(answer.header("x-new-token"), "");
    let claims = gateway.server.app.sessions.read(&token).unwrap();
    let jti = claims.jti.unwrap().parse().unwrap();
    let store = &gateway.server.app.store;
    store.forget_issued_token(jti).await.unwrap();
    let answer = gateway.browser().get_as(&token, path).await;
    assert_eq!(answer.code(), "TOKEN_RENEW_FAILED", "{}", answer.text);
}

#[actix_web::test]
async fn nocobase_is_made_to_forget_the_account_whose_sessions_ended() {
    let gateway = gateway(OK).await;
    let (id, token) = member(&gateway).await;
    let answer = gateway
        .browser()
        .post_as(&token, EVERYWHERE, json!({}))
        .await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let mut heads = gateway.upstream.heads();
    heads.retain(|head| !head.starts_with("GET /api/roles:check "));
    assert_eq!(heads.len(), 1);
    assert!(heads[0].starts_with("POST /api/auth:signOut HTTP/1.1\r\n"));
    assert_eq!(header(&heads[0], "x-authenticator").unwrap(), "basic");
    let sent = header(&heads[0], "authorization").unwrap();
    let sent = sent.strip_prefix("Bearer ").unwrap();
    assert_ne!(sent, token);
    let claims = gateway.server.app.sessions.read(sent).unwrap();
    assert_eq!((claims.user_id, claims.temp), (Some(id), Some(true)));
    // The standalone server plays NocoBase, and has to notice the change in the database first.
    gateway.app.store().forget();
    assert!(gateway.refused_by_nocobase(&token).await);
}

#[actix_web::test]
async fn it_is_not_said_to_be_done_when_nocobase_did_not_take_it() {
    let failing = "HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n";
    let upstream = ScriptedUpstream::start(move |mut connection| {
        while let Some(head) = connection.request() {
            connection.body(&head);
            let asks = head.starts_with("GET /api/roles:check ");
            connection.say(if asks { OK } else { failing });
        }
    });
    let gateway = TestGateway::before(upstream).await;
    gateway.enable_plugin().await;
    gateway.create_authenticator("dingtalk", true).await;
    let (_, token) = member(&gateway).await;
    let body = Some(json!({"exceptCurrent": true}));
    let bearer = format!("Bearer {token}");
    let headers = [("authorization", bearer.as_str())];
    let answer = gateway
        .browser()
        .send(Method::POST, EVERYWHERE, &headers, body)
        .await;
    assert_eq!(answer.status, 502);
    assert_ne!(answer.header("x-new-token"), "", "who asked goes on");
    assert_eq!(answer.json()["data"], Value::Null);
}
