//! The inside of DingTalk's client: the native half that gives codes to pages.

use dingtalk_sandbox::{Settings, seed};
use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::Fake;

const BY_APP: &str = "runtime.permission.requestAuthCodeV2";
const BY_ORGANIZATION: &str = "runtime.permission.requestAuthCode";
const PAGE: &str = "http://127.0.0.1:13000/admin";

async fn call(fake: &Fake, person: &str, method: &str, page: &str, parameters: Value) -> Value {
    let body = json!({"person": person, "method": method, "page": page, "parameters": parameters});
    fake.control(Method::POST, "/webview/call", body).await
}

/// As DingTalk's library asks for the seeded app.
async fn ask(fake: &Fake, person: &str) -> Value {
    let parameters = json!({"corpId": seed::CORP_ID, "clientId": seed::CLIENT_ID});
    call(fake, person, BY_APP, PAGE, parameters).await
}

async fn exchanged(fake: &Fake, answer: &Value) -> Value {
    let code = answer["result"]["code"].clone();
    let body = json!({"code": code});
    let answer = fake.old("/topapi/v2/user/getuserinfo", body).await;
    answer.json()
}

#[tokio::test]
async fn both_forms_of_the_call_give_a_code_of_the_person() {
    let fake = Fake::start();
    let answer = ask(&fake, "lina").await;
    assert_eq!(
        exchanged(&fake, &answer).await["result"]["userid"],
        "user-lina"
    );
    let parameters = json!({"corpId": seed::CORP_ID});
    let answer = call(&fake, "lina", BY_ORGANIZATION, PAGE, parameters).await;
    assert_eq!(
        exchanged(&fake, &answer).await["result"]["userid"],
        "user-lina"
    );
    assert_eq!(exchanged(&fake, &answer).await["errcode"], 40078, "once");
}

#[tokio::test]
async fn a_page_that_is_not_the_apps_gets_no_code() {
    let fake = Fake::start_with(Settings {
        redirect_uris: vec!["https://noco.example/api/dingtalk:redirect".to_owned()],
        ..Settings::default()
    });
    let right = json!({"corpId": seed::CORP_ID, "clientId": seed::CLIENT_ID});
    let good = "https://noco.example/v/admin";
    let answer = call(&fake, "lina", BY_APP, good, right.clone()).await;
    assert!(answer["result"]["code"].is_string(), "{answer}");
    let other_corp = json!({"corpId": seed::OTHER_CORP_ID, "clientId": seed::CLIENT_ID});
    let other_app = json!({"corpId": seed::CORP_ID, "clientId": "dingothers"});
    for (person, page, parameters) in [
        ("lina", "https://elsewhere.example/", right.clone()),
        ("lina", "https://noco.example.evil.example/", right.clone()),
        ("lina", "no address", right.clone()),
        ("lina", good, other_corp),
        ("lina", good, other_app),
        ("lina", good, json!({})),
        ("emma", good, right.clone()),
        ("zhoujie", good, right.clone()),
        ("nobody", good, right),
    ] {
        let answer = call(&fake, person, BY_APP, page, parameters.clone()).await;
        assert_eq!(
            answer["failure"]["errorCode"], 3,
            "{person} {page} {parameters}"
        );
    }
    let answer = call(&fake, "lina", "device.base.getUUID", good, json!({})).await;
    assert_ne!(answer["failure"], Value::Null);
}

#[tokio::test]
async fn the_next_call_fails_as_it_was_told_to() {
    let fake = Fake::start();
    let fault = async |fault: &str| {
        let body = json!({"fault": fault, "delayMs": 1});
        fake.control(Method::POST, "/webview/faults", body).await;
    };
    fault("never").await;
    assert_eq!(ask(&fake, "lina").await["never"], true);
    fault("cancelled").await;
    assert_eq!(ask(&fake, "lina").await["failure"]["errorCode"], -1);
    fault("notTheAppsPage").await;
    assert_eq!(ask(&fake, "lina").await["failure"]["errorCode"], 3);
    fault("otherApp").await;
    let answer = ask(&fake, "lina").await;
    assert_eq!(exchanged(&fake, &answer).await["errcode"], 40078);
    fault("delay").await;
    let answer = ask(&fake, "lina").await;
    assert_eq!(
        exchanged(&fake, &answer).await["errcode"],
        0,
        "the last was late only"
    );
    fault("never").await;
    fake.control(Method::DELETE, "/faults", json!({})).await;
    assert_eq!(ask(&fake, "lina").await["never"], false);
}

#[tokio::test]
async fn a_client_has_a_user_agent_and_a_script_and_a_person() {
    let fake = Fake::start();
    for platform in ["ios", "android", "pc"] {
        let path = format!("/_sandbox/webview/client?person=lina&platform={platform}");
        let client = fake.get(&path).await.json();
        let agent = client["userAgent"].as_str().unwrap();
        assert!(agent.contains("DingTalk"), "{agent}");
        assert!(!agent.contains("  "), "{agent}");
        let script = client["script"].as_str().unwrap();
        assert!(script.contains("\"person\":\"lina\""), "{script}");
    }
    let unknown = fake.get("/_sandbox/webview/client?person=nobody").await;
    assert_eq!(unknown.status, 404);
    let guide = fake.get("/_sandbox/webview").await;
    assert!(
        guide.text.contains("<code>zhangwei</code>"),
        "{}",
        guide.text
    );
}
