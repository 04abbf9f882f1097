//! Messages to people, sent by programs through `dingtalkMessages:send`.

use chrono::TimeDelta;
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::support::message_rows::new_send;
use crate::support::message_workers::follow_up;
use crate::support::{Browser, TestApp, eventually, test_logs};

const SEND: &str = "/api/dingtalkMessages:send";
pub const CALL: &str = "/topapi/message/corpconversation/asyncsend_v2";
const RESULT: &str = "/topapi/message/corpconversation/getsendresult";

/// Whoever may send.
pub struct Sender {
    pub browser: Browser,
    pub token: String,
}

impl Sender {
    pub async fn of(app: &TestApp) -> Self {
        let browser = app.browser();
        let token = app.root_token().await;
        Self { browser, token }
    }

    /// What became of a message, by account: state and reason.
    pub async fn send(&mut self, body: Value) -> Value {
        let answer = self.browser.post_as(&self.token, SEND, body).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
        answer.json()["data"].clone()
    }

    /// The code of a refusal, or its text.
    async fn refused(&mut self, body: Value) -> String {
        let answer = self.browser.post_as(&self.token, SEND, body).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{}", answer.text);
        let error = &answer.json()["errors"][0];
        let told = error["code"].as_str().or(error["message"].as_str());
        told.unwrap().to_owned()
    }

    pub async fn rows(&mut self) -> Vec<Value> {
        let path = "/api/dingtalkMessages:list?sort=id&pageSize=200";
        let answer = self.browser.get_as(&self.token, path).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
        answer.json()["data"].as_array().unwrap().clone()
    }
}

/// An application whose authenticator has the agent of the sandbox's.
pub async fn app() -> TestApp {
    TestApp::with_options(json!({"agentId": dingtalk_sandbox::seed::AGENT_ID.to_string(), "public": {"autoSignup": true}})).await
}

/// The account of somebody who has signed in.
pub async fn bound(app: &TestApp, person: &str) -> i64 {
    let page = app.browser().sign_in(&app.sandbox, person).await;
    let token = page.session().expect(&page.text)["token"].clone();
    let check = app
        .browser()
        .get_as(token.as_str().unwrap(), "/api/auth:check")
        .await
        .json();
    check["data"]["id"].as_i64().unwrap()
}

/// What people got, the oldest first.
pub async fn received(app: &TestApp) -> Vec<Value> {
    let url = app.sandbox.url().join("/_sandbox/messages").unwrap();
    let text = reqwest::get(url).await.unwrap().text().await.unwrap();
    serde_json::from_str(&text).unwrap()
}

pub fn states(answer: &Value) -> Vec<(i64, String)> {
    let receivers = answer["receivers"].as_array().unwrap();
    receivers
        .iter()
        .map(|receiver| {
            let id = receiver["userId"].as_i64().unwrap_or_default();
            (id, receiver["state"].as_str().unwrap().to_owned())
        })
        .collect()
}

pub fn text(text: &str) -> Value {
    json!({"kind": "text", "text": text})
}

/// A step of each worker of messages, as the server makes it.
pub async fn step(app: &TestApp) {
    let state = app.server.app.clone();
    app.server.does(follow_up(state)).await;
}

#[actix_web::test]
async fn each_person_is_told_of_and_who_is_bound_gets_the_message() {
    let app = app().await;
    let (lina, zhang) = (bound(&app, "lina").await, bound(&app, "zhangwei").await);
    let nobody = app.create_user("Not bound", None).await;
    let mut sender = Sender::of(&app).await;
    let body = json!({"userIds": [lina, [zhang.to_string(), nobody], 999_999], "usernames": ["nobody at all"], "message": text("你好")});
    let answer = sender.send(body).await;
    let expected = [
        (lina, "sent".to_owned()),
        (zhang, "sent".to_owned()),
        (nobody, "notBound".to_owned()),
        (999_999, "noAccount".to_owned()),
        (0, "noAccount".to_owned()),
    ];
    assert_eq!(states(&answer), expected, "{answer}");
    let got = received(&app).await;
    let people: Vec<_> = got.iter().map(|message| &message["userid"]).collect();
    assert_eq!(people, ["user-lina", "user-zhangwei"]);
    assert_eq!(got[0]["content"]["text"]["content"], "你好");
    let rows = sender.rows().await;
    assert_eq!(rows.len(), 3);
    assert_eq!(rows[0]["sendId"], answer["sendId"]);
    assert_eq!(rows[0]["title"], "你好");
    assert!(rows[0].get("digest").is_none());
}

#[actix_web::test]
async fn all_kinds_arrive_in_both_ways() {
    let app = app().await;
    let lina = bound(&app, "lina").await;
    let mut sender = Sender::of(&app).await;
    let url = "https://nocobase.example.com/admin/x?id=1";
    let button = |title: &str| json!({"title": title, "url": url});
    let kinds = [
        text("plain"),
        json!({"kind": "markdown", "title": "A title", "text": "# Big"}),
        json!({"kind": "card", "title": "A card", "text": "text", "button": "Open", "url": url, "openIn": "browser"}),
        json!({"kind": "buttons", "title": "Two", "text": "text", "buttons": [button("Yes"), button("No")]}),
        json!({"kind": "buttons", "title": "One", "text": "text", "buttons": [button("Yes")], "inARow": true}),
        json!({"kind": "form", "title": "A form", "rows": [{"label": "Name", "value": "李娜"}], "url": url}),
    ];
    for way in ["workNotification", "robot"] {
        for message in &kinds {
            let body = json!({"userIds": lina, "way": way, "message": message});
            let answer = sender.send(body).await;
            assert_eq!(
                states(&answer),
                [(lina, "sent".to_owned())],
                "{way} {message}"
            );
        }
    }
    let got = received(&app).await;
    assert_eq!(got.len(), 2 * kinds.len());
    let card = &got[2]["content"]["action_card"];
    let link = card["single_url"].as_str().unwrap();
    assert!(
        link.contains("pc_slide=false") && link.contains("nocobase.example.com%2Fadmin"),
        "{link}"
    );
    assert_eq!(
        got[3]["content"]["action_card"]["btn_json_list"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
    assert_eq!(got[9]["content"]["msgKey"], "sampleActionCard2");
    assert_eq!(got[9]["content"]["msgParam"]["actionTitle2"], "No");
}

#[actix_web::test]
async fn what_is_wrong_is_said_and_nothing_is_sent() {
    let app = app().await;
    let lina = bound(&app, "lina").await;
    let mut sender = Sender::of(&app).await;
    for (body, expected) in [
        (json!({"message": text("x")}), "userIds cannot be null"),
        (json!({"userIds": [lina]}), "message cannot be null"),
        (
            json!({"userIds": [lina], "message": {"kind": "voice"}}),
            "message is not valid",
        ),
        (
            json!({"userIds": [lina], "message": text(" ")}),
            "text is not valid",
        ),
        (
            json!({"userIds": ["x"], "message": text("x")}),
            "userIds is not valid",
        ),
        (
            json!({"departmentIds": [1], "message": text("x")}),
            "departmentIds is not valid",
        ),
        (
            json!({"userIds": [lina], "message": text("x"), "authenticator": "basic"}),
            "MESSAGE_NO_AUTHENTICATOR",
        ),
        (
            json!({"userIds": (1..=5001).collect::<Vec<_>>(), "message": text("x")}),
            "MESSAGE_TOO_MANY_RECEIVERS",
        ),
    ] {
        assert_eq!(sender.refused(body.clone()).await, expected, "{body}");
    }
    let without_agent = TestApp::start().await;
    let mut other = Sender::of(&without_agent).await;
    let body = json!({"userIds": [1], "message": text("x")});
    assert_eq!(other.refused(body).await, "MESSAGE_NO_AGENT");
    assert_eq!(received(&app).await, Vec::<Value>::new());
}

#[actix_web::test]
async fn why_options_cannot_be_used_is_in_the_log_once() {
    let secret = json!({"clientSecret": "{{ $env.NOT_THERE }}"});
    let app = TestApp::with_options(secret).await;
    let mut sender = Sender::of(&app).await;
    let logs = test_logs().await;
    let body = json!({"userIds": [1], "message": text("x")});
    assert_eq!(sender.refused(body).await, "MESSAGE_NOT_USABLE");
    let lines = logs.lines();
    let line = "messages cannot be sent: there is no variable NOT_THERE";
    assert_eq!(lines.matches(line).count(), 1, "{lines}");
}

#[actix_web::test]
async fn the_same_words_arrive_each_time() {
    let app = app().await;
    let lina = bound(&app, "lina").await;
    let mut sender = Sender::of(&app).await;
    for _ in 0..3 {
        sender
            .send(json!({"userIds": [lina], "message": text("again")}))
            .await;
    }
    let got = received(&app).await;
    let texts: Vec<_> = got
        .iter()
        .map(|message| message["content"]["text"]["content"].as_str().unwrap())
        .collect();
    assert_eq!(texts, ["again", "again (2)", "again (3)"]);
}

#[actix_web::test]
async fn the_outcome_is_asked_for_seconds_later_and_once() {
    let app = app().await;
    let (lina, zhang) = (bound(&app, "lina").await, bound(&app, "zhangwei").await);
    app.sandbox.dismiss("zhangwei").await;
    let mut sender = Sender::of(&app).await;
    sender
        .send(json!({"userIds": [lina, zhang], "message": text("x")}))
        .await;
    step(&app).await;
    assert_eq!(app.sandbox.calls(RESULT).await, 0, "too early");
    app.clock.advance(TimeDelta::seconds(11));
    step(&app).await;
    step(&app).await;
    // The server's own step may be the one that asks.
    eventually("the outcome", async || {
        sender.rows().await[0]["state"] != "sent"
    })
    .await;
    assert_eq!(app.sandbox.calls(RESULT).await, 1);
    let rows = sender.rows().await;
    assert_eq!(
        (&rows[0]["state"], &rows[1]["state"]),
        (&json!("delivered"), &json!("left"))
    );
    assert_eq!(rows[1]["reason"], "unknownReceiver");
}

#[actix_web::test]
async fn who_left_does_not_keep_a_message_from_anybody() {
    let app = app().await;
    let (lina, zhang) = (bound(&app, "lina").await, bound(&app, "zhangwei").await);
    app.sandbox.dismiss("zhangwei").await;
    let mut sender = Sender::of(&app).await;
    // One of them alone, and then both in a call that is refused as a whole.
    let answer = sender
        .send(json!({"userIds": [zhang], "message": text("x")}))
        .await;
    assert_eq!(states(&answer), [(zhang, "left".to_owned())]);
    app.sandbox
        .next_fault(json!({"endpoint": CALL, "fault": "refused", "code": "33012", "times": 1}))
        .await;
    let answer = sender
        .send(json!({"userIds": [lina, zhang], "message": text("y")}))
        .await;
    assert_eq!(
        states(&answer),
        [(lina, "sent".to_owned()), (zhang, "left".to_owned())],
        "{answer}"
    );
}

#[actix_web::test]
async fn only_what_was_not_sent_is_tried_again() {
    let app = app().await;
    let lina = bound(&app, "lina").await;
    let mut sender = Sender::of(&app).await;
    let mut send = async |words: &str| {
        let before = app.sandbox.calls(CALL).await;
        let answer = sender
            .send(json!({"userIds": [lina], "message": text(words)}))
            .await;
        let receiver = answer["receivers"][0].clone();
        let calls = app.sandbox.calls(CALL).await - before;
        (calls, receiver["state"].clone(), receiver["reason"].clone())
    };
    app.sandbox.fault(CALL, "throttle", json!(1), 0).await;
    assert_eq!(send("a").await, (2, json!("sent"), Value::Null));
    // Code -1: DingTalk's server is not available, and has done nothing.
    app.sandbox.fault(CALL, "status500", json!(1), 0).await;
    assert_eq!(send("b").await, (2, json!("sent"), Value::Null));
    app.sandbox.fault(CALL, "breakOff", json!(1), 0).await;
    assert_eq!(send("c").await, (1, json!("unknown"), json!("no_answer")));
    // What a proxy says in between is no word of DingTalk's.
    app.sandbox.fault(CALL, "blocked", json!(1), 0).await;
    assert_eq!(send("e").await, (1, json!("unknown"), json!("unexpected")));
    app.sandbox.change_app(json!({"agentId": 1})).await;
    assert_eq!(send("d").await, (1, json!("failed"), json!("agent")));
}

#[actix_web::test]
async fn a_message_whose_call_was_cut_off_is_unknown_and_not_sent_again() {
    use entity::message::State;
    use nocobase_dingtalk::store::{MessageState, NewMessage};
    let app = app().await;
    let mut sender = Sender::of(&app).await;
    let store = app.store();
    let send = new_send("s");
    // What a process leaves behind that is killed: before a call, and in the middle of one.
    let now = app.clock.now().timestamp_millis();
    let row = |user_id| NewMessage {
        user_id,
        receiver: Some(format!("u{user_id}")),
        state: State::Claimed,
        reason: None,
        due_ms: Some(now + 600_000),
    };
    store
        .claim_messages(&send, &[row(1), row(2)], &[])
        .await
        .unwrap();
    let begun = MessageState {
        due_ms: Some(now + 120_000),
        ..MessageState::of(State::Sending)
    };
    assert!(
        store
            .begin_to_send("s", &[2], State::Claimed, begun.clone())
            .await
            .unwrap()
    );
    app.clock.advance(TimeDelta::minutes(11));
    step(&app).await;
    let waits = |row: &Value| row["state"] == "claimed" || row["state"] == "sending";
    eventually("the end of it", async || {
        !sender.rows().await.iter().any(waits)
    })
    .await;
    let rows = sender.rows().await;
    assert_eq!(
        (&rows[0]["state"], &rows[1]["state"]),
        (&json!("failed"), &json!("unknown"))
    );
    assert_eq!(rows[1]["reason"], "interrupted");
    assert_eq!(app.sandbox.calls(CALL).await, 0);
    // A process that was only slow does not begin any more.
    assert!(
        !store
            .begin_to_send("s", &[1], State::Claimed, begun)
            .await
            .unwrap()
    );
}

#[actix_web::test]
async fn the_test_of_the_connection_says_whether_the_agent_is_known() {
    let app = app().await;
    let mut sender = Sender::of(&app).await;
    let mut found = async || {
        let body = json!({"authenticator": "dingtalk"});
        let answer = sender
            .browser
            .post_as(&sender.token, "/api/dingtalk:checkConnection", body)
            .await;
        answer.text
    };
    let text = found().await;
    assert!(text.contains("DingTalk knows this Agent ID."), "{text}");
    app.sandbox.change_app(json!({"agentId": 1})).await;
    let text = found().await;
    assert!(
        text.contains("DingTalk does not know this Agent ID."),
        "{text}"
    );
}
