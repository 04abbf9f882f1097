//! Limits on what a stranger can make the server do.

use chrono::TimeDelta;
use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::client::IntoClientRequest;

use crate::support::{Answer, Browser, TestApp, connect_websocket};

const PROXY: [&str; 1] = ["--trusted-proxies=127.0.0.1"];

fn sign_up() -> Value {
    json!({"public": {"autoSignup": true}})
}

/// Tries a made-up code from an address.
async fn try_code(app: &TestApp, from: &str, code: &str) -> Answer {
    let headers = [("x-authenticator", "dingtalk"), ("x-forwarded-for", from)];
    let body = Some(json!({"authCode": code}));
    app.browser()
        .send(Method::POST, "/api/auth:signIn", &headers, body)
        .await
}

/// Spends the budget of an address.
async fn spend(app: &TestApp, from: &str) -> Answer {
    let mut refused = None;
    // One attempt is returned each second, so a slow machine sees more than 60.
    for _ in 0..200 {
        let answer = try_code(app, from, "invented").await;
        if answer.status == 429 {
            refused = Some(answer);
            break;
        }
        assert_eq!(answer.code(), "DINGTALK_CODE_REJECTED");
    }
    refused.expect("the budget ends")
}

#[actix_web::test]
async fn codes_are_not_tried_out_without_end() {
    let app = TestApp::with_flags(&PROXY, sign_up()).await;
    let refused = spend(&app, "192.0.2.1").await;
    assert_eq!(refused.code(), "DINGTALK_TOO_MANY_ATTEMPTS");
    let wait: i64 = refused.header("retry-after").parse().unwrap();
    assert!((1..=2).contains(&wait), "{wait}");

    // The browser's way uses the same budget, and DingTalk is not asked. The clock is set back, so
    // that no attempt is returned meanwhile.
    app.clock.advance(TimeDelta::seconds(-60));
    let mut browser = app.browser();
    let url = browser.begin(Value::Null).await;
    let location = app.sandbox.choose(&url, "lina").await;
    let asked = app.sandbox.calls("/v1.0/oauth2/userAccessToken").await;
    let headers = [("x-forwarded-for", "192.0.2.1")];
    let answer = browser.send(Method::GET, &location, &headers, None).await;
    assert_eq!(
        answer.failure().as_deref(),
        Some("DINGTALK_TOO_MANY_ATTEMPTS")
    );
    assert_eq!(
        app.sandbox.calls("/v1.0/oauth2/userAccessToken").await,
        asked
    );
    app.clock.advance(TimeDelta::seconds(60));

    // Others are not locked out, and somebody who waits can try again.
    let code = app.sandbox.code("lina", "oauth").await;
    assert_eq!(try_code(&app, "192.0.2.2", &code).await.status, 200);
    app.clock.advance(TimeDelta::seconds(wait));
    let code = app.sandbox.code("lina", "oauth").await;
    assert_eq!(try_code(&app, "192.0.2.1", &code).await.status, 200);
    // The budget for passwords is not affected.
    let body = Some(json!({"account": "nocobase", "password": "admin123"}));
    let mut browser = app.browser();
    let answer = browser
        .send(Method::POST, "/api/auth:signIn", &headers, body)
        .await;
    assert_eq!(answer.status, 200, "{}", answer.text);
}

#[actix_web::test]
async fn a_company_behind_one_address_signs_in_as_often_as_it_likes() {
    let app = TestApp::with_flags(&PROXY, sign_up()).await;
    for _ in 0..70 {
        let code = app.sandbox.code("lina", "oauth").await;
        let answer = try_code(&app, "192.0.2.1", &code).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
    }
}

async fn post(app: &TestApp, action: &str, token: Option<&str>, size: usize) -> u16 {
    let browser: Browser = app.browser();
    let request = browser.http().post(app.url(&format!("/api/{action}")));
    let request = match token {
        Some(token) => request.bearer_auth(token),
        None => request,
    };
    let body = format!("{{\"x\":\"{}\"}}", "y".repeat(size - 8));
    let request = request
        .header("content-type", "application/json")
        .body(body);
    request.send().await.unwrap().status().as_u16()
}

#[actix_web::test]
async fn anybody_may_send_a_little_and_who_administers_much() {
    const PUBLIC: usize = 64 * 1024;
    const FORM: usize = 1024 * 1024;
    const MOST: usize = 10 * 1024 * 1024;
    let app = TestApp::start().await;
    let token = app.browser().sign_in_as_root().await;
    assert_eq!(post(&app, "app:getInfo", None, PUBLIC).await, 200);
    assert_eq!(post(&app, "app:getInfo", None, PUBLIC + 1).await, 413);
    // A token does not change how a public action is limited.
    assert_eq!(
        post(&app, "app:getInfo", Some(&token), PUBLIC + 1).await,
        413
    );
    assert_eq!(
        post(&app, "dingtalk:binding", Some(&token), FORM).await,
        200
    );
    assert_eq!(
        post(&app, "dingtalk:binding", Some(&token), FORM + 1).await,
        413
    );
    let listed = "authenticators:list";
    assert_eq!(post(&app, listed, Some(&token), MOST).await, 200);
    assert_eq!(post(&app, listed, Some(&token), MOST + 1).await, 413);
    assert_eq!(post(&app, "auth:check", Some("bad"), PUBLIC + 1).await, 401);
}

#[actix_web::test]
async fn no_public_action_reads_much() {
    let app = TestApp::start().await;
    for (resource, action, access) in app.server.opened.routes().iter() {
        if access == nocobase_dingtalk::edge::Access::Public {
            let path = format!("{resource}:{action}");
            assert_eq!(post(&app, &path, None, 100_000).await, 413, "{path}");
        }
    }
}

#[actix_web::test]
async fn one_address_does_not_take_all_the_places_of_pages() {
    let app = TestApp::with_flags(&PROXY, json!({})).await;
    let connect = async |from: String| {
        let url = format!("ws://{}/ws", app.server.address);
        let mut request = url.into_client_request().unwrap();
        request
            .headers_mut()
            .insert("x-forwarded-for", from.parse().unwrap());
        connect_websocket(request).await
    };
    // All addresses of an IPv6 network count as the same client.
    let pages = join_all((0..128).map(|n| connect(format!("2001:db8::{n:x}")))).await;
    assert!(pages.iter().all(Result::is_ok));
    let refused = connect("2001:db8::ffff".to_owned()).await.unwrap_err();
    assert!(refused.to_string().contains("503"), "{refused}");
    assert!(connect("192.0.2.1".to_owned()).await.is_ok());
}

/// A company behind one address is not locked out because DingTalk was away, or refused this
/// server.
#[actix_web::test]
async fn what_dingtalk_never_judged_is_nobodys_guess() {
    let app = TestApp::with_flags(&PROXY, sign_up()).await;
    let from = "192.0.2.7";
    let (exchange, lookup) = ("/v1.0/oauth2/userAccessToken", "/topapi/user/getbyunionid");
    for fault in [
        json!({"endpoint": exchange, "fault": "throttle"}),
        json!({"endpoint": exchange, "fault": "status500"}),
        json!({"endpoint": exchange, "fault": "html"}),
        json!({"endpoint": exchange, "fault": "ipNotAllowed"}),
        json!({"endpoint": exchange, "fault": "allowanceUsedUp"}),
        json!({"endpoint": exchange, "fault": "refused", "code": "invalidClientIdOrSecret"}),
        json!({"endpoint": exchange, "fault": "refused", "code": "new.code"}),
        json!({"endpoint": lookup, "fault": "permissionMissing"}),
        json!({"endpoint": lookup, "fault": "apiBanned"}),
    ] {
        let mut fault = fault;
        fault["times"] = Value::Null;
        app.sandbox.next_fault(fault.clone()).await;
        for _ in 0..8 {
            let code = app.sandbox.code("lina", "oauth").await;
            let answer = try_code(&app, from, &code).await;
            assert_eq!(answer.status, 502, "{fault}: {}", answer.text);
        }
        app.sandbox.clear_faults().await;
    }
    let code = app.sandbox.code("lina", "oauth").await;
    let answer = try_code(&app, from, &code).await;
    assert_eq!(answer.status, 200, "{}", answer.text);

    // Valid codes of people outside the organization count, too.
    let mut answers = 0;
    loop {
        let code = app.sandbox.code("emma", "oauth").await;
        let answer = try_code(&app, from, &code).await;
        if answer.status == 429 {
            break;
        }
        assert_eq!(answer.code(), "DINGTALK_NOT_MEMBER");
        answers += 1;
        assert!(answers < 200);
    }
}
