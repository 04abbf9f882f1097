//! Messages that wait: DingTalk took nothing for a while.

use chrono::TimeDelta;
use nocobase_dingtalk::worker::messages::send_waiting;
use serde_json::{Value, json};

use crate::messages::{CALL, Sender, app, bound, received, states, step, text};
use crate::support::message_rows::new_send;
use crate::support::{TestApp, eventually};

/// The question who somebody is.
const ASK: &str = "/topapi/user/getbyunionid";

/// An application without workers.
async fn quiet_app() -> TestApp {
    let app = app().await;
    end_workers(&app);
    app
}

/// Ends the server's own workers. Otherwise one of their steps could come between a change of the time and the test's
/// own step, and take what is due.
fn end_workers(app: &TestApp) {
    app.server.app.begin_to_end();
}

/// So many seconds later, and a step of the workers then.
async fn later(app: &TestApp, seconds: i64) {
    app.clock.advance(TimeDelta::seconds(seconds));
    step(app).await;
}

/// What became of each message: state and reason.
async fn told(sender: &mut Sender) -> Vec<(Value, Value)> {
    let rows = sender.rows().await.into_iter();
    rows.map(|row| (row["state"].clone(), row["reason"].clone()))
        .collect()
}

/// Has an administrator change the authenticator through which messages are sent.
async fn change_authenticator(app: &TestApp, sender: &mut Sender, values: Value) {
    let row = app.store().authenticator("dingtalk").await;
    let id = row.unwrap().unwrap().id;
    let path = format!("/api/authenticators:update?filterByTk={id}");
    let answer = sender.browser.post_as(&sender.token, &path, values).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
}

#[actix_web::test]
async fn while_dingtalk_is_away_messages_wait_and_then_arrive_once() {
    let mut app = quiet_app().await;
    let (lina, zhang) = (bound(&app, "lina").await, bound(&app, "zhangwei").await);
    let mut sender = Sender::of(&app).await;
    app.sandbox.stop().await;
    let body = json!({"userIds": [lina, zhang], "message": text("one")});
    let answer = sender.send(body).await;
    let waits = |id| (id, "claimed".to_owned());
    assert_eq!(states(&answer), [waits(lina), waits(zhang)], "{answer}");
    assert_eq!(answer["receivers"][0]["reason"], "unreachable");
    let robot = json!({"userIds": [lina], "way": "robot", "message": text("two")});
    assert_eq!(states(&sender.send(robot).await), [waits(lina)]);
    for _ in 0..6 {
        later(&app, 10).await;
    }
    let rows = sender.rows().await;
    assert_eq!(rows.len(), 3);
    for row in &rows {
        assert_eq!(
            (&row["state"], &row["reason"]),
            (&json!("claimed"), &json!("unreachable"))
        );
        let why = "the service could not be reached or had a problem";
        assert_eq!(row["explanation"], why);
    }

    // Another process finds them.
    app.restart();
    end_workers(&app);
    app.sandbox.start_again();
    let mut sender = Sender::of(&app).await;
    later(&app, 61).await;
    eventually("all messages", async || received(&app).await.len() == 3).await;
    for _ in 0..3 {
        later(&app, 200).await;
    }
    let mut got: Vec<_> = received(&app).await.into_iter().collect();
    got.sort_by_key(|message| message["content"].to_string() + &message["userid"].to_string());
    let people: Vec<_> = got.iter().map(|message| &message["userid"]).collect();
    assert_eq!(
        people,
        ["user-lina", "user-lina", "user-zhangwei"],
        "{got:?}"
    );
    let rows = sender.rows().await;
    let done = |row: &Value| row["state"] == "sent" || row["state"] == "delivered";
    assert!(rows.iter().all(done), "{rows:?}");
    assert!(rows.iter().all(|row| row["reason"].is_null()), "{rows:?}");
    let id = rows[0]["sendId"].as_str().unwrap();
    assert_eq!(
        app.store().waiting_send(id).await.unwrap(),
        None,
        "the text is kept"
    );
}

#[actix_web::test]
async fn what_dingtalk_takes_for_ten_minutes_no_more_has_failed() {
    let app = quiet_app().await;
    let lina = bound(&app, "lina").await;
    let mut sender = Sender::of(&app).await;
    // It wants to be left alone for minutes, so nothing is tried at once.
    app.sandbox.fault(CALL, "apiBanned", Value::Null, 0).await;
    let body = json!({"userIds": [lina], "message": text("x")});
    assert_eq!(
        states(&sender.send(body).await),
        [(lina, "claimed".to_owned())]
    );
    assert_eq!(app.sandbox.calls(CALL).await, 1);
    later(&app, 30).await;
    assert_eq!(app.sandbox.calls(CALL).await, 1, "too soon");
    for _ in 0..8 {
        later(&app, 61).await;
    }
    let calls = app.sandbox.calls(CALL).await;
    assert!((8..=9).contains(&calls), "{calls} calls");
    assert_eq!(
        told(&mut sender).await,
        [(json!("claimed"), json!("banned"))]
    );
    for _ in 0..3 {
        later(&app, 61).await;
    }
    eventually("the end", async || {
        told(&mut sender).await == [(json!("failed"), json!("banned"))]
    })
    .await;
    app.sandbox.clear_faults().await;
    later(&app, 600).await;
    assert_eq!(received(&app).await, Vec::<Value>::new());
}

#[actix_web::test]
async fn who_somebody_is_is_asked_again_and_a_refusal_has_a_reason() {
    let agent = dingtalk_sandbox::seed::AGENT_ID.to_string();
    let app = TestApp::with_options(json!({"agentId": agent, "bindBy": "unionId"})).await;
    end_workers(&app);
    let lina = app.create_user("Li Na", None).await;
    app.bind("dingtalk", "union-lina", lina, json!({}))
        .await
        .unwrap();
    let mut sender = Sender::of(&app).await;
    let body = |words: &str| json!({"userIds": [lina], "message": text(words)});

    app.sandbox
        .fault(ASK, "permissionMissing", Value::Null, 0)
        .await;
    let answer = sender.send(body("refused")).await;
    assert_eq!(states(&answer), [(lina, "failed".to_owned())]);
    assert_eq!(answer["receivers"][0]["reason"], "permission");
    let rows = sender.rows().await;
    assert_eq!(rows[0]["explanation"], "the app lacks a permission");

    app.sandbox.clear_faults().await;
    app.sandbox.fault(ASK, "breakOff", Value::Null, 0).await;
    let answer = sender.send(body("later")).await;
    assert_eq!(states(&answer), [(lina, "claimed".to_owned())], "{answer}");
    assert_eq!(answer["receivers"][0]["reason"], "no_answer");
    later(&app, 1).await;
    app.sandbox.clear_faults().await;
    later(&app, 61).await;
    eventually("the message", async || received(&app).await.len() == 1).await;
    eventually("its state", async || {
        sender.rows().await[1]["state"] == "sent"
    })
    .await;
    let rows = sender.rows().await;
    assert_eq!(rows[1]["receiver"], "user-lina");
}

#[actix_web::test]
async fn what_waits_for_an_authenticator_that_is_disabled_has_failed() {
    let app = quiet_app().await;
    let lina = bound(&app, "lina").await;
    let mut sender = Sender::of(&app).await;
    app.sandbox.fault(CALL, "apiBanned", json!(1), 0).await;
    let body = json!({"userIds": [lina], "message": text("x")});
    sender.send(body).await;
    change_authenticator(&app, &mut sender, json!({"enabled": false})).await;
    later(&app, 61).await;
    eventually("the end", async || {
        told(&mut sender).await == [(json!("failed"), json!("disabled"))]
    })
    .await;
    let rows = sender.rows().await;
    let why = "the authenticator is disabled or cannot be used";
    assert_eq!(rows[0]["explanation"], why);
    assert_eq!(received(&app).await, Vec::<Value>::new());
}

#[actix_web::test]
async fn what_waits_follows_an_authenticator_that_gets_another_name() {
    let app = quiet_app().await;
    let lina = bound(&app, "lina").await;
    let mut sender = Sender::of(&app).await;
    app.sandbox.fault(CALL, "apiBanned", json!(1), 0).await;
    let body = json!({"userIds": [lina], "message": text("x")});
    sender.send(body).await;
    change_authenticator(&app, &mut sender, json!({"name": "office"})).await;
    later(&app, 61).await;
    eventually("the message", async || received(&app).await.len() == 1).await;
}

#[actix_web::test]
async fn who_is_unbound_while_a_message_waits_does_not_get_it() {
    let app = quiet_app().await;
    let (lina, zhang) = (bound(&app, "lina").await, bound(&app, "zhangwei").await);
    let mut sender = Sender::of(&app).await;
    app.sandbox.fault(CALL, "apiBanned", json!(1), 0).await;
    let body = json!({"userIds": [lina, zhang], "message": text("x")});
    sender.send(body).await;
    let body = json!({"authenticator": "dingtalk", "userId": lina, "endSessions": true});
    let path = "/api/dingtalkPeople:unbind";
    let answer = sender.browser.post_as(&sender.token, path, body).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    later(&app, 61).await;
    eventually("the message", async || received(&app).await.len() == 1).await;
    later(&app, 61).await;
    let got = received(&app).await;
    assert_eq!((got.len(), &got[0]["userid"]), (1, &json!("user-zhangwei")));
    let answer = sender.rows().await;
    let state = |id: i64| {
        let row = answer.iter().find(|row| row["userId"] == json!(id));
        row.unwrap()["state"].clone()
    };
    assert_eq!(state(lina), "notBound", "{answer:?}");
}

#[actix_web::test]
async fn whom_the_robot_may_not_write_to_in_this_minute_gets_the_message_in_the_next() {
    let app = quiet_app().await;
    let (lina, zhang) = (bound(&app, "lina").await, bound(&app, "zhangwei").await);
    let mut sender = Sender::of(&app).await;
    // Another server has used up all but one of the receivers of this minute.
    app.sandbox.limit_receivers(1).await;
    let body = json!({"userIds": [lina, zhang], "way": "robot", "message": text("one")});
    let answer = sender.send(body).await;
    assert_eq!(
        states(&answer),
        [(lina, "sent".to_owned()), (zhang, "claimed".to_owned())],
        "{answer}"
    );
    assert_eq!(answer["receivers"][1]["reason"], "tooManyInAMinute");
    app.sandbox.limit_receivers(5_000).await;
    later(&app, 61).await;
    eventually("the message", async || received(&app).await.len() == 2).await;
}

#[actix_web::test]
async fn nobody_gets_a_message_before_an_earlier_one_that_waits() {
    let app = quiet_app().await;
    let (lina, zhang) = (bound(&app, "lina").await, bound(&app, "zhangwei").await);
    let mut sender = Sender::of(&app).await;
    // DingTalk wants to be left alone for a minute, and takes messages again at once.
    app.sandbox.fault(CALL, "apiBanned", json!(1), 0).await;
    let body = json!({"userIds": [lina], "message": text("first")});
    assert_eq!(
        states(&sender.send(body).await),
        [(lina, "claimed".to_owned())]
    );
    let body = json!({"userIds": [lina, zhang], "message": text("second")});
    let answer = sender.send(body).await;
    assert_eq!(
        states(&answer),
        [(lina, "claimed".to_owned()), (zhang, "sent".to_owned())],
        "{answer}"
    );
    assert_eq!(answer["receivers"][0]["reason"], "behindEarlier");
    // The second is due before the first.
    later(&app, 20).await;
    assert_eq!(told(&mut sender).await[1].0, json!("claimed"));
    later(&app, 61).await;
    later(&app, 61).await;
    eventually("all messages", async || received(&app).await.len() == 3).await;
    let got = received(&app).await.into_iter();
    let of_lina = got.filter(|message| message["userid"] == "user-lina");
    let words: Vec<_> = of_lina
        .map(|message| message["content"]["text"]["content"].clone())
        .collect();
    assert_eq!(words, ["first", "second"]);
}

#[actix_web::test]
async fn what_waits_is_sent_however_many_outcomes_are_not_known_yet() {
    use entity::message::State;
    use nocobase_dingtalk::store::NewMessage;
    let app = quiet_app().await;
    let lina = bound(&app, "lina").await;
    let mut sender = Sender::of(&app).await;
    let send = new_send("many");
    let long_ago = app.clock.now().timestamp_millis() - 60_000;
    let rows = (1_000..2_500).map(|user_id| NewMessage {
        user_id,
        receiver: Some(format!("u{user_id}")),
        state: State::Sent,
        reason: None,
        due_ms: Some(long_ago),
    });
    let rows: Vec<_> = rows.collect();
    app.store().claim_messages(&send, &rows, &[]).await.unwrap();
    app.sandbox.fault(CALL, "apiBanned", json!(1), 0).await;
    let body = json!({"userIds": [lina], "message": text("late")});
    sender.send(body).await;
    app.clock.advance(TimeDelta::seconds(61));
    let state = app.server.app.clone();
    app.server.does(send_waiting(state)).await;
    eventually("the message", async || received(&app).await.len() == 1).await;
}
