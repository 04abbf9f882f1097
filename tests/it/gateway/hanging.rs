//! The database hangs behind a gateway.

use std::io::Read;
use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::json;
use tokio::time::timeout;

use crate::support::TestGateway;
use crate::support::nocobase::{answer, nocobase, target};
use crate::support::upstream::{ScriptedUpstream, header};

/// Longer than an answer takes on a busy machine, and shorter than the time limit for the database.
const AT_ONCE: Duration = Duration::from_secs(5);
/// How long the database hangs: longer than what is kept in memory stays valid.
const LONG: Duration = Duration::from_secs(3);

/// A NocoBase with pages, whose database is not the gateway's.
fn pages() -> ScriptedUpstream {
    nocobase(|head, connection| {
        connection.body(head);
        match target(head).0 {
            "/api/pm:listEnabled" | "/api/authenticators:publicList" => {
                answer(&json!({"data": []}))
            }
            "/api/app:getLang" => {
                answer(&json!({"data": {"lang": "en-US", "resources": {"auth": {}}}}))
            }
            "/ws" => {
                connection.say(
                    "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
                );
                let mut heard = [0; 1024];
                while let Ok(1..) = connection.stream.read(&mut heard) {
                    connection.say(b"\x81\x05heard");
                }
                String::new()
            }
            _ => answer(&json!({"data": header(head, "x-authenticator")})),
        }
    })
}

#[actix_web::test]
async fn while_the_database_hangs_everything_is_passed_on_as_ever() {
    let (gateway, hanging) = TestGateway::on_a_database_that_can_hang(pages()).await;
    gateway.enable_plugin().await;
    gateway.create_authenticator("dingtalk", true).await;
    let mut page = gateway.raw();
    page.say("GET /ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
    page.hear_until("\r\n\r\n");
    hanging.begin().await;
    let began = Instant::now();
    while began.elapsed() < LONG {
        for (path, part) in [
            ("/admin", "basic"),
            ("/api/auth:check", "basic"),
            ("/api/pm:listEnabled", "plugin-auth-dingtalk"),
            ("/api/app:getLang", "plugin-auth-dingtalk"),
            ("/api/authenticators:publicList", r#""name":"dingtalk""#),
        ] {
            let mut browser = gateway.browser();
            // These are the headers of a browser whose user signed in through DingTalk.
            let headers = [
                ("x-authenticator", "dingtalk"),
                ("authorization", "Bearer x"),
            ];
            let asked = browser.send(Method::GET, path, &headers, None);
            let answer = timeout(AT_ONCE, asked).await.expect(path);
            assert_eq!(answer.status, 200, "{path}: {}", answer.text);
            assert!(answer.text.contains(part), "{path}: {}", answer.text);
        }
        // The text «hi» from the page, masked with zeros.
        page.0.set_read_timeout(Some(AT_ONCE)).unwrap();
        page.say(b"\x81\x82\0\0\0\0hi");
        page.hear_until("heard");
    }
    hanging.end().await;
    // Afterwards everything works again by itself.
    let mut browser = gateway.browser();
    let page = browser.sign_in(&gateway.app.sandbox, "zhangwei").await;
    assert!(page.session().is_some(), "{}", page.text);
}

#[actix_web::test]
async fn what_somebody_else_writes_is_known_soon() {
    let gateway = TestGateway::before(pages()).await;
    let store = &gateway.server.app.store;
    store.set_switch("auth-dingtalk", true).await.unwrap();
    crate::support::eventually("the module of the plugin", async || {
        let answer = gateway.browser().get("/api/pm:listEnabled").await;
        answer.text.contains("plugin-auth-dingtalk")
    })
    .await;
}

#[actix_web::test]
async fn settings_are_answered_from_memory_in_front_of_a_nocobase_too() {
    let gateway = TestGateway::before(pages()).await;
    gateway.enable_plugin().await;
    gateway.create_authenticator("dingtalk", true).await;
    for person in ["zhangwei", "lina", "zhangwei"] {
        let mut browser = gateway.browser();
        let page = browser.sign_in(&gateway.app.sandbox, person).await;
        assert!(page.session().is_some(), "{}", page.text);
    }
    let lookups = gateway.server.app.store.lookups();
    let of = |part| lookups.iter().find(|(name, ..)| *name == part).unwrap();
    let (_, hits, _) = of("settings");
    assert!(*hits > 0);
    // NocoBase does not announce whom it signs out, so accounts are not cached.
    let (_, hits, _) = of("accounts");
    assert_eq!(*hits, 0);
}
