//! By encrypted callback: what is DingTalk's is kept and acknowledged, and nothing else is.

use chrono::TimeDelta;
use dingtalk_sandbox::callback_crypto::CallbackKeys;
use dingtalk_sandbox::seed::{CLIENT_ID, CORP_ID};
use entity::event::{Subject, Transport};
use reqwest::StatusCode;
use serde_json::{Value, json};

use super::{
    KEY, TOKEN, all_acknowledged, kept, push, save_source, with_callbacks, with_callbacks_and,
};
use crate::support::{Answer, TestApp};

const LEFT: &str = r#"{"EventType":"user_leave_org","eventId":"e1","userId":["user-lina"]}"#;

/// A callback that is signed and encrypted as DingTalk does it.
struct Forged {
    message: &'static str,
    owner: &'static str,
    token: &'static str,
    key: &'static str,
    /// How old the signature is.
    minutes: i64,
}

const GOOD: Forged = Forged {
    message: LEFT,
    owner: CLIENT_ID,
    token: TOKEN,
    key: KEY,
    minutes: 0,
};

impl Forged {
    /// Signature, timestamp and encrypted body.
    fn parts(&self, app: &TestApp) -> (String, String, String) {
        let keys = CallbackKeys::new(self.token, self.key, self.owner).unwrap();
        let signed_at = app.clock.now() - TimeDelta::minutes(self.minutes);
        let timestamp = signed_at.timestamp_millis().to_string();
        let encrypted = keys.encrypt(self.message, [9; 16]);
        let signature = keys.sign(&timestamp, "nonce", &encrypted);
        (signature, timestamp, encrypted)
    }

    async fn send(&self, app: &TestApp) -> Answer {
        let (signature, timestamp, encrypted) = self.parts(app);
        call(app, "dingtalk", &signature, &timestamp, &json!(encrypted)).await
    }
}

async fn call(
    app: &TestApp,
    authenticator: &str,
    signature: &str,
    timestamp: &str,
    encrypted: &Value,
) -> Answer {
    let path = format!(
        "/api/dingtalk:callback?authenticator={authenticator}&signature={signature}\
         &timestamp={timestamp}&nonce=nonce"
    );
    app.browser()
        .post(&path, json!({"encrypt": encrypted}))
        .await
}

fn is_refused(answer: &Answer) -> bool {
    answer.status == StatusCode::BAD_REQUEST && answer.message() == "This callback is not accepted."
}

#[actix_web::test]
async fn what_dingtalk_tells_is_kept_once_and_acknowledged() {
    let app = with_callbacks().await;
    app.sandbox.dismiss("lina").await;
    all_acknowledged(&app, 1).await;
    let rows = kept(&app).await;
    assert_eq!(rows.len(), 1, "{rows:?}");
    assert_eq!(rows[0].kind, "user_leave_org");
    assert_eq!(rows[0].subject, Subject::Leavers);
    assert_eq!(rows[0].subjects, json!(["user-lina"]));
    assert_eq!(rows[0].transport, Transport::Callback);
}

#[actix_web::test]
async fn the_owner_of_a_callback_may_be_the_organization() {
    let app = with_callbacks_and(json!({"corpId": CORP_ID})).await;
    app.sandbox.subscribe(push(&app, "corpId")).await;
    app.sandbox.tell("org_change", json!({})).await;
    all_acknowledged(&app, 1).await;
    assert_eq!(kept(&app).await[0].subject, Subject::Everything);
}

#[actix_web::test]
async fn a_repeated_callback_is_acknowledged_and_kept_once() {
    let app = with_callbacks().await;
    for _ in 0..3 {
        let answer = GOOD.send(&app).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
        let said = answer.json();
        let text = |name: &str| said[name].as_str().unwrap().to_owned();
        let keys = CallbackKeys::new(TOKEN, KEY, CLIENT_ID).unwrap();
        let (signature, timestamp) = (text("msg_signature"), text("timeStamp"));
        let read = keys.decrypt(&signature, &timestamp, &text("nonce"), &text("encrypt"));
        assert_eq!(read.unwrap(), "success");
    }
    assert_eq!(kept(&app).await.len(), 1);
}

#[actix_web::test]
async fn what_is_not_dingtalks_is_refused_and_says_nothing() {
    let app = with_callbacks().await;
    let wrong_key = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFE";
    for forged in [
        Forged {
            token: "anotherToken",
            ..GOOD
        },
        Forged {
            key: wrong_key,
            ..GOOD
        },
        Forged {
            owner: "dinganotherapplication",
            ..GOOD
        },
        Forged {
            minutes: 11,
            ..GOOD
        },
        Forged {
            minutes: -11,
            ..GOOD
        },
        Forged {
            message: "{}",
            ..GOOD
        },
        Forged {
            message: "no JSON",
            ..GOOD
        },
    ] {
        let answer = forged.send(&app).await;
        assert!(is_refused(&answer), "{} {}", answer.status, answer.text);
    }
    let (signature, timestamp, encrypted) = GOOD.parts(&app);
    let cut = encrypted.get(..encrypted.len() - 24).unwrap();
    let keys = CallbackKeys::new(TOKEN, KEY, CLIENT_ID).unwrap();
    let signed = |text: &str| keys.sign(&timestamp, "nonce", text);
    for (name, signature, encrypted) in [
        ("dingtalk", String::new(), json!(encrypted)),
        ("dingtalk", signature.clone(), json!(cut)),
        ("dingtalk", signed(cut), json!(cut)),
        ("dingtalk", signed("AAAA"), json!("AAAA")),
        ("dingtalk", signed(""), json!("")),
        ("dingtalk", signature.clone(), json!(1)),
        ("basic", signature.clone(), json!(encrypted)),
        ("nobody", signature.clone(), json!(encrypted)),
        ("", signature.clone(), json!(encrypted)),
    ] {
        let answer = call(&app, name, &signature, &timestamp, &encrypted).await;
        assert!(
            is_refused(&answer),
            "{name} {} {}",
            answer.status,
            answer.text
        );
    }
    assert!(kept(&app).await.is_empty());
}

#[actix_web::test]
async fn a_huge_body_is_not_read() {
    let app = with_callbacks().await;
    let (signature, timestamp, _) = GOOD.parts(&app);
    let huge = json!("A".repeat(64 * 1024));
    let answer = call(&app, "dingtalk", &signature, &timestamp, &huge).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
}

#[actix_web::test]
async fn whoever_forges_is_heard_only_so_often_and_dingtalk_always() {
    let app = with_callbacks().await;
    let forged = Forged {
        token: "anotherToken",
        ..GOOD
    };
    let mut last = StatusCode::OK;
    for _ in 0..300 {
        last = forged.send(&app).await.status;
        if last == StatusCode::TOO_MANY_REQUESTS {
            break;
        }
    }
    assert_eq!(last, StatusCode::TOO_MANY_REQUESTS);
    // From the same address, as behind a proxy that nobody trusts.
    assert_eq!(GOOD.send(&app).await.status, StatusCode::OK);
    assert_eq!(kept(&app).await.len(), 1);
}

#[actix_web::test]
async fn nothing_is_taken_while_the_source_is_off() {
    let app = with_callbacks().await;
    save_source(&app, json!({"mode": "off", "token": TOKEN, "aesKey": KEY})).await;
    assert!(is_refused(&GOOD.send(&app).await));
    assert!(kept(&app).await.is_empty());
}

#[actix_web::test]
async fn secrets_are_checked_and_never_shown() {
    let app = with_callbacks().await;
    let mut browser = app.browser();
    let token = app.root_token().await;
    let path = "/api/dingtalkDirectory:sources";
    let shown = browser.get_as(&token, path).await;
    assert!(!shown.text.contains(TOKEN) && !shown.text.contains(KEY));
    let options = shown.json()["data"][0]["source"]["options"].clone();
    assert_eq!(options["events"]["token"], "********");
    // What was shown can be saved again.
    let path = "/api/dingtalkDirectory:saveSource";
    let body = json!({"authenticator": "dingtalk", "enabled": true, "options": options});
    let saved = browser.post_as(&token, path, body).await;
    assert_eq!(saved.status, StatusCode::OK, "{}", saved.text);
    assert_eq!(GOOD.send(&app).await.status, StatusCode::OK);
    for events in [
        json!({"mode": "callback"}),
        json!({"mode": "callback", "token": TOKEN, "aesKey": "short"}),
        json!({"mode": "somehow"}),
    ] {
        let body = json!({"authenticator": "dingtalk", "options": {"events": events}});
        let answer = browser.post_as(&token, path, body).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{events}");
    }
}
