//! A token that NocoBase renews when it is asked for a permission.

use reqwest::Method;
use serde_json::{Value, json};

use super::forwarding::gateway_before;
use crate::support::nocobase::{answer, target};
use crate::support::upstream::ScriptedUpstream;
use crate::support::{Answer, TestGateway};

/// A NocoBase that renews tokens when it is asked for the role, and again when it saves a row with the title «again», or
/// answers in a way that cannot be read.
async fn gateway() -> TestGateway {
    let upstream = ScriptedUpstream::start(move |mut connection| {
        while let Some(head) = connection.request() {
            let row: Value = serde_json::from_slice(&connection.body(&head)).unwrap_or_default();
            let with = |token: &str, body: &Value| {
                let headers = format!(
                    "X-New-Token: {token}\r\nSet-Cookie: token={token}; path=/\r\nX-Other: {token}\r\nContent-Length"
                );
                answer(body).replacen("Content-Length", &headers, 1)
            };
            let told = if target(&head).0 == "/api/roles:check" {
                let root = json!({"data": {"role": "root", "allowAll": true}});
                with("asked", &root)
            } else if row["title"] == "again" {
                with("again", &json!({"data": row}))
            } else if row["title"] == "unreadable" {
                with("again", &json!({"data": row})).replacen("application/json", "text/plain", 1)
            } else {
                answer(&json!({"data": row}))
            };
            connection.say(told);
        }
    });
    let gateway = gateway_before(upstream).await;
    gateway.have_sync_sources(&[]).await;
    gateway
}

async fn ask(gateway: &TestGateway, method: Method, action: &str, body: Option<Value>) -> Answer {
    let bearer = format!("Bearer {}", gateway.root_token().await);
    let headers = [("authorization", bearer.as_str())];
    let path = format!("/api/{action}");
    let mut browser = gateway.browser();
    browser.send(method, &path, &headers, body).await
}

fn all(heard: &Answer, name: &str) -> Vec<String> {
    let values = heard.headers.get_all(name).iter();
    let values = values.map(|value| value.to_str().unwrap().to_owned());
    values.collect()
}

#[actix_web::test]
async fn a_new_token_reaches_the_client_once_whoever_answers() {
    let gateway = gateway().await;
    let ours = json!({"authenticator": "dingtalk"});
    for (action, row) in [
        (
            "authenticators:create",
            json!({"name": "b", "authType": "Email/Password"}),
        ),
        (
            "authenticators:create",
            json!({"name": "n", "authType": "dingtalk", "options": {"clientId": "a", "clientSecret": "b"}}),
        ),
        (
            "userDataSyncSources:create",
            json!({"name": "ldap", "sourceType": "ldap"}),
        ),
        (
            "userDataSyncSources:create",
            json!({"name": "dt", "sourceType": "dingtalk", "enabled": false, "options": ours}),
        ),
        (
            "notificationChannels:create",
            json!({"name": "post", "notificationType": "email"}),
        ),
        (
            "notificationChannels:create",
            json!({"name": "dt", "notificationType": "dingtalk", "options": ours}),
        ),
    ] {
        let heard = ask(&gateway, Method::POST, action, Some(row.clone())).await;
        assert_eq!(heard.status, 200, "{action}: {}", heard.text);
        assert_eq!(all(&heard, "x-new-token"), ["asked"], "{action} {row}");
        assert_eq!(all(&heard, "set-cookie"), ["token=asked; path=/"]);
        assert_eq!(heard.header("x-other"), "", "what is not of the session");
        // The newer of two tokens counts.
        let mut row = row;
        row["title"] = json!("again");
        let heard = ask(&gateway, Method::POST, action, Some(row.clone())).await;
        assert_eq!(all(&heard, "x-new-token"), ["again"], "{action} {row}");
        assert_eq!(all(&heard, "set-cookie"), ["token=again; path=/"]);
    }
    for action in [
        "pm:get?filterByTk=auth-dingtalk",
        "pm:enable?filterByTk=auth-dingtalk",
    ] {
        let heard = ask(&gateway, Method::GET, action, None).await;
        assert_eq!(heard.status, 200, "{action}: {}", heard.text);
        assert_eq!(all(&heard, "x-new-token"), ["asked"], "{action}");
    }
}

#[actix_web::test]
async fn a_new_token_reaches_the_client_with_a_refusal() {
    let gateway = gateway().await;
    let mistyped = json!({"name": "n", "authType": "DingTalk "});
    let row = json!({"name": "n", "notificationType": "dingtalk", "sourceType": "dingtalk"});
    let nobody = json!({"authenticator": "nobody"});
    let unreadable = json!({"name": "b", "authType": "Email/Password", "title": "unreadable"});
    for (action, body, token) in [
        ("authenticators:create", mistyped, "asked"),
        ("authenticators:create", unreadable, "again"),
        ("userDataSyncSources:create", row.clone(), "asked"),
        ("notificationChannels:create", row, "asked"),
        ("pm:update?filterByTk=auth-dingtalk", json!({}), "asked"),
        ("dingtalkDirectory:saveSource", nobody, "asked"),
    ] {
        let heard = ask(&gateway, Method::POST, action, Some(body.clone())).await;
        assert!(
            heard.status.as_u16() >= 400,
            "{action} {body}: {}",
            heard.text
        );
        assert_eq!(all(&heard, "x-new-token"), [token], "{action} {body}");
        let cookie = format!("token={token}; path=/");
        assert_eq!(all(&heard, "set-cookie"), [cookie], "{action} {body}");
    }
}
