//! Events by callback: encrypted, repeated, and listed when nobody answers.

use std::sync::{Arc, Mutex};

use actix_web::{
    App, HttpResponse, HttpServer,
    web::{Bytes, Data, Query, to},
};
use dingtalk_sandbox::{
    callback_crypto::CallbackKeys,
    seed::{CLIENT_ID, CORP_ID},
};
use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::Fake;

const TOKEN: &str = "sandboxToken01";
const AES_KEY: &str = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG";

/// An application that hears callbacks.
struct Listener {
    url: String,
    heard: Arc<Mutex<Vec<Value>>>,
    /// What it answers with.
    answer: Arc<Mutex<String>>,
}

/// What was heard, and what is answered.
type Heard = (Arc<Mutex<Vec<Value>>>, Arc<Mutex<String>>);
type Told = std::collections::BTreeMap<String, String>;

async fn hear(listener: Data<Heard>, query: Query<Told>, body: Bytes) -> HttpResponse {
    let keys = CallbackKeys::new(TOKEN, AES_KEY, CLIENT_ID).unwrap();
    let body: Value = serde_json::from_slice(&body).unwrap();
    let encrypted = body["encrypt"].as_str().unwrap();
    assert_eq!(query["signature"], query["msg_signature"]);
    let text = keys
        .decrypt(
            &query["signature"],
            &query["timestamp"],
            &query["nonce"],
            encrypted,
        )
        .unwrap();
    listener
        .0
        .lock()
        .unwrap()
        .push(serde_json::from_str(&text).unwrap());
    let answer = listener.1.lock().unwrap().clone();
    let encrypted = keys.encrypt(&answer, *b"0123456789abcdef");
    HttpResponse::Ok().json(json!({
        "msg_signature": keys.sign("1700000000000", "nonce", &encrypted),
        "timeStamp": "1700000000000", "nonce": "nonce", "encrypt": encrypted,
    }))
}

impl Listener {
    fn start() -> Self {
        let heard = Arc::new(Mutex::new(Vec::new()));
        let answer = Arc::new(Mutex::new("success".to_owned()));
        let data = Data::new((heard.clone(), answer.clone()));
        let server =
            HttpServer::new(move || App::new().app_data(data.clone()).default_service(to(hear)))
                .workers(1)
                .disable_signals()
                .bind(("127.0.0.1", 0))
                .unwrap();
        let url = format!(
            "http://{}/callback?authenticator=dingtalk",
            server.addrs()[0]
        );
        tokio::spawn(server.run());
        Self { url, heard, answer }
    }

    fn push(&self) -> Value {
        json!({"mode": "http", "url": self.url, "token": TOKEN, "aesKey": AES_KEY})
    }

    /// Waits until so many have come.
    async fn heard(&self, count: usize) -> Vec<Value> {
        loop {
            let heard = self.heard.lock().unwrap().clone();
            if heard.len() >= count {
                return heard;
            }
            tokio::task::yield_now().await;
        }
    }
}

async fn subscribe(fake: &Fake, subscription: Value) -> u16 {
    let path = format!("/_sandbox/apps/{CLIENT_ID}/subscription");
    let request = fake.request(Method::PUT, &path).json(&subscription);
    fake.send(request).await.status
}

/// A sandbox that waits for answers as long as the slowest machine needs.
async fn patient() -> Fake {
    let fake = Fake::start();
    fake.control(Method::PUT, "/events", json!({"answerMs": 60_000}))
        .await;
    fake
}

async fn dismiss(fake: &Fake, person: &str) {
    let path = format!("/people/{person}/dismiss");
    fake.control(Method::POST, &path, json!({})).await;
}

#[tokio::test]
async fn an_address_is_checked_before_it_is_saved() {
    let fake = patient().await;
    let listener = Listener::start();
    assert_eq!(
        subscribe(&fake, json!({"push": listener.push()})).await,
        200
    );
    assert_eq!(listener.heard(1).await, [json!({"EventType": "check_url"})]);
    *listener.answer.lock().unwrap() = "failure".to_owned();
    assert_eq!(
        subscribe(&fake, json!({"push": listener.push()})).await,
        400
    );
    let mut nobody = listener.push();
    nobody["url"] = json!("http://127.0.0.1:1/");
    assert_eq!(subscribe(&fake, json!({"push": nobody})).await, 400);
    let mut short = listener.push();
    short["aesKey"] = json!("short");
    assert_eq!(subscribe(&fake, json!({"push": short})).await, 400);
    let app = fake
        .control(Method::PUT, &format!("/apps/{CLIENT_ID}"), json!({}))
        .await;
    assert!(
        !app.to_string().contains(AES_KEY),
        "keys are not shown: {app}"
    );
}

#[tokio::test]
async fn events_are_pushed_in_both_forms() {
    let fake = patient().await;
    let listener = Listener::start();
    subscribe(&fake, json!({"push": listener.push()})).await;
    dismiss(&fake, "lina").await;
    let event = listener.heard(2).await[1].clone();
    assert_eq!(event["EventType"], "user_leave_org");
    assert_eq!(event["CorpId"], CORP_ID);
    assert_eq!(event["userId"], json!(["user-lina"]));
    assert!(
        event["EventTime"].is_i64()
            && event["eventId"].is_string()
            && event["timeStamp"].is_string()
    );
    subscribe(&fake, json!({"push": listener.push(), "form": "recorded"})).await;
    dismiss(&fake, "marie").await;
    let event = listener.heard(4).await[3].clone();
    let fields: Vec<_> = event
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    assert_eq!(
        fields,
        ["EventType", "CorpId", "UserId", "OptStaffId", "TimeStamp"]
    );
}

#[tokio::test]
async fn what_is_not_answered_comes_again_and_then_stands_in_the_list() {
    let fake = patient().await;
    let listener = Listener::start();
    subscribe(&fake, json!({"push": listener.push()})).await;
    fake.control(
        Method::PUT,
        "/events",
        json!({"answerMs": 60_000, "retriesMs": [5, 10]}),
    )
    .await;
    *listener.answer.lock().unwrap() = "later".to_owned();
    dismiss(&fake, "lina").await;
    let heard = listener.heard(4).await;
    assert_eq!(heard[1]["eventId"], heard[3]["eventId"]);
    let token = fake.app_token().await;
    let path = format!("/call_back/get_call_back_failed_result?access_token={token}");
    let failed = loop {
        let failed = fake.get(&path).await.json();
        assert_eq!(
            (&failed["errcode"], &failed["has_more"]),
            (&json!(0), &json!(false))
        );
        if failed["failed_list"] != json!([]) {
            break failed["failed_list"][0].clone();
        }
        tokio::task::yield_now().await;
    };
    assert_eq!(failed["call_back_tag"], "user_leave_org");
    assert_eq!(
        failed["user_leave_org"],
        json!({"userid": ["user-lina"], "corpid": CORP_ID})
    );
    let again = fake.get(&path).await.json();
    assert_eq!(again["failed_list"], json!([]), "what was read is gone");
    let refused = fake
        .get("/call_back/get_call_back_failed_result?access_token=x")
        .await;
    assert_eq!(refused.json()["errcode"], 40014);
}
