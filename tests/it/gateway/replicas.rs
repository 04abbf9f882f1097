//! Several gateways before one NocoBase.

use nocobase_dingtalk::clock::Clock;
use nocobase_dingtalk::config::DingTalkHosts;
use serde_json::{Value, json};

use crate::support::upstream::ScriptedUpstream;
use crate::support::{Browser, TestGateway, TestServer};

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 13\r\n\r\n{\"data\":null}";

/// Another gateway beside the first, with the same settings.
fn second(gateway: &TestGateway) -> TestServer {
    let mut flags = gateway.app.flags().to_vec();
    flags.push(format!(
        "--nocobase-upstream-url={}",
        gateway.upstream.url()
    ));
    let hosts = DingTalkHosts::all_at(&gateway.app.sandbox.url());
    TestServer::start(&flags, hosts, Clock::system())
}

#[actix_web::test]
async fn a_sign_in_may_begin_at_one_gateway_and_end_at_another() {
    let gateway = TestGateway::before(ScriptedUpstream::answering(OK)).await;
    gateway.enable_plugin().await;
    gateway.create_authenticator("dingtalk", true).await;
    let other = second(&gateway);
    // A balancer in front of both has one address.
    let mut browser = gateway.browser();
    let url = browser.begin(Value::Null).await;
    let back = gateway.app.sandbox.choose(&url, "zhangwei").await;
    let here = format!("http://{}", gateway.server.address);
    let there = format!("http://{}", other.address);
    let page = browser.get(&back.replace(&here, &there)).await;
    let session = page.session().expect(&page.text);
    assert_eq!(session["authenticator"], "dingtalk");
    // What was used up there is used up here: the same return leads to the target without a session.
    let again = browser.get(&back).await;
    assert!(again.session().is_none());
    assert_eq!(again.status, 303);
}

#[actix_web::test]
async fn a_switch_at_one_gateway_counts_at_the_other() {
    let gateway = TestGateway::before(ScriptedUpstream::answering(OK)).await;
    gateway.create_authenticator("dingtalk", true).await;
    let other = second(&gateway);
    let begin = async || {
        let headers = [("x-authenticator", "dingtalk")];
        let path = "/api/dingtalk:getAuthUrl";
        let mut browser = Browser::at(other.address);
        browser
            .send(reqwest::Method::POST, path, &headers, Some(json!({})))
            .await
            .status
    };
    assert_ne!(begin().await, 200);
    gateway.enable_plugin().await;
    assert_eq!(begin().await, 200);
}
