//! Channels of this product's type on NocoBase's page, and their messages.

use reqwest::StatusCode;
use serde_json::{Value, json};

use super::mirror::{app_options, bound, gateway_before, look, now, received, row, run};
use crate::support::nocobase::{answer, nocobase, target};
use crate::support::{Answer, TestGateway, eventually};

/// The channel `dt`, as NocoBase keeps it.
fn kept(options: &Value) -> Value {
    let mut options = options.clone();
    options["dingtalkGateway"] = json!({"type": "dingtalk"});
    json!({"name": "dt", "title": "DT", "notificationType": "in-app-message", "options": options})
}

fn options() -> Value {
    json!({"authenticator": "dingtalk", "way": "workNotification", "keepCopy": true})
}

/// What the form sends.
fn sent(options: &Value) -> Value {
    json!({"name": "dt", "title": "DT", "notificationType": "dingtalk", "options": options})
}

/// A gateway before a NocoBase that answers a save with the row, and lists one channel of ours and one of its own.
async fn gateway() -> TestGateway {
    let upstream = nocobase(|head, connection| {
        let body = connection.body(head);
        let said: Value = serde_json::from_slice(&body).unwrap_or_default();
        let own = json!({"name": "news", "notificationType": "in-app-message", "options": {}});
        let line =
            |channel: &str| json!({"channelName": channel, "notificationType": "in-app-message"});
        answer(&json!({"data": match target(head).0 {
            "/api/notificationChannels:list" => json!([kept(&options()), own]),
            "/api/notificationChannels:get" => kept(&options()),
            "/api/notificationSendLogs:list" => json!([line("dt"), line("news")]),
            // NocoBase answers an update with a list.
            "/api/notificationChannels:update" => json!([{"name": "dt", "options": said["options"], "notificationType": said["notificationType"]}]),
            _ => said,
        }}))
    });
    gateway_before(upstream).await
}

/// Has NocoBase's row, as it stands after a save.
async fn have(gateway: &TestGateway, row: &Value) {
    let (name, options) = (row["name"].as_str().unwrap(), &row["options"]);
    run(
        gateway,
        &format!(r#"DELETE FROM "notificationChannels" WHERE "name" = '{name}'"#),
    )
    .await;
    run(gateway, &format!(r#"INSERT INTO "notificationChannels" VALUES ('{name}', 'DT', 'in-app-message', '{options}')"#)).await;
}

async fn ask(gateway: &TestGateway, action: &str, body: Value) -> Answer {
    let token = gateway.root_token().await;
    let path = format!("/api/{action}");
    gateway.browser().post_as(&token, &path, body).await
}

/// What NocoBase was sent last.
fn written(gateway: &TestGateway) -> Value {
    let bodies = gateway.upstream.bodies();
    serde_json::from_str(bodies.last().expect("a body")).unwrap()
}

async fn created(gateway: &TestGateway, options: &Value) {
    let answer = ask(gateway, "notificationChannels:create", sent(options)).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    have(gateway, &kept(options)).await;
}

#[actix_web::test]
async fn nocobase_keeps_a_channel_of_its_inbox_and_everybody_sees_one_of_dingtalk() {
    let gateway = gateway().await;
    let saved = ask(&gateway, "notificationChannels:create", sent(&options())).await;
    assert_eq!(saved.status, StatusCode::OK, "{}", saved.text);
    assert_eq!(written(&gateway), kept(&options()));
    assert_eq!(saved.json()["data"], sent(&options()));
    have(&gateway, &kept(&options())).await;

    let listed = ask(&gateway, "notificationChannels:list", json!({}))
        .await
        .json();
    let types: Vec<_> = [0, 1]
        .map(|at| listed["data"][at]["notificationType"].clone())
        .into();
    assert_eq!(types, ["dingtalk", "in-app-message"]);
    assert_eq!(listed["data"][0]["options"], options());
    let path = "notificationChannels:get?filterByTk=dt";
    let one = ask(&gateway, path, json!({})).await.json();
    assert_eq!(one["data"], sent(&options()));
    let log = ask(&gateway, "notificationSendLogs:list", json!({}))
        .await
        .json();
    let types: Vec<_> = [0, 1]
        .map(|at| log["data"][at]["notificationType"].clone())
        .into();
    assert_eq!(types, ["dingtalk", "in-app-message"]);

    let app = gateway.server.app.clone();
    let off = async move { app.store.set_switch("auth-dingtalk", false).await };
    gateway.server.does(off).await.unwrap();
    gateway.know().await;
    let one = ask(&gateway, path, json!({})).await.json();
    assert_eq!(
        one["data"],
        kept(&options()),
        "without the plugin it is what NocoBase keeps"
    );
}

#[actix_web::test]
async fn what_cannot_work_is_refused_before_nocobase_keeps_it() {
    let gateway = gateway().await;
    for (wrong, code) in [
        (json!({}), "Authenticator"),
        (json!({"authenticator": " "}), "Authenticator"),
        (json!({"authenticator": "nobody"}), "No authenticator"),
        (
            json!({"authenticator": "dingtalk", "way": "pigeon"}),
            "options",
        ),
        (
            json!({"authenticator": "dingtalk", "keepCopy": "x"}),
            "options",
        ),
    ] {
        let answer = ask(&gateway, "notificationChannels:create", sent(&wrong)).await;
        assert_eq!(
            answer.status,
            StatusCode::BAD_REQUEST,
            "{wrong}: {}",
            answer.text
        );
        assert!(answer.text.contains(code), "{wrong}: {}", answer.text);
    }
    let mut like = sent(&options());
    like["notificationType"] = json!("DingTalk ");
    let mut list = sent(&options());
    list["notificationType"] = json!(["dingtalk"]);
    have(&gateway, &kept(&options())).await;
    let rename = json!({"title": "x"});
    for (action, body) in [
        ("notificationChannels:create", like),
        ("notificationChannels:create", list),
        ("notificationChannels:create", json!([sent(&options())])),
        ("notificationChannels:updateOrCreate", sent(&options())),
        ("notificationChannels:update?filter={}", rename.clone()),
        (
            "notificationChannels:update?filterByTk=dt&filterByTk=news",
            rename.clone(),
        ),
        ("notificationChannels:update?filterByTk=[%22dt%22]", rename),
    ] {
        let answer = ask(&gateway, action, body.clone()).await;
        assert_eq!(
            answer.status,
            StatusCode::BAD_REQUEST,
            "{action} {body}: {}",
            answer.text
        );
    }
    assert_eq!(
        gateway.upstream.bodies().len(),
        0,
        "NocoBase has seen none of it"
    );
    let path = "/api/notificationChannels:create";
    let refused = gateway
        .browser()
        .post_as("clerk", path, sent(&options()))
        .await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN, "{}", refused.text);
}

#[actix_web::test]
async fn rows_of_a_channel_of_another_type_are_written_as_they_are() {
    let gateway = gateway().await;
    have(&gateway, &kept(&options())).await;
    let other = json!({"name": "mail", "notificationType": "email", "options": {"host": "x"}});
    let saved = ask(&gateway, "notificationChannels:create", other.clone()).await;
    assert_eq!((saved.status, written(&gateway)), (StatusCode::OK, other));
    let update = "notificationChannels:update?filterByTk=news";
    let title = json!({"title": "News of today"});
    ask(&gateway, update, title.clone()).await;
    assert_eq!(written(&gateway), title);
    // The mark is the gateway's alone to give.
    let forged = kept(&json!({"authenticator": "nobody"}));
    ask(&gateway, update, forged).await;
    assert_eq!(
        written(&gateway)["options"],
        json!({"authenticator": "nobody"})
    );
}

#[actix_web::test]
async fn a_change_of_some_values_keeps_the_mark_and_another_type_takes_it_off() {
    let gateway = gateway().await;
    created(&gateway, &options()).await;
    let update = "notificationChannels:update?filterByTk=dt";
    ask(&gateway, update, json!({"title": "New"})).await;
    let mut expected = kept(&options());
    expected["title"] = json!("New");
    expected.as_object_mut().unwrap().remove("name");
    assert_eq!(written(&gateway), expected);

    let carried = async || {
        let app = gateway.server.app.clone();
        let rows = async move { app.store.mirrored_channels().await.unwrap() };
        gateway.server.does(rows).await.len()
    };
    assert_eq!(carried().await, 1);
    let mut plain = sent(&options());
    plain["notificationType"] = json!("in-app-message");
    ask(&gateway, update, plain.clone()).await;
    assert_eq!(written(&gateway), plain);
    assert_eq!(carried().await, 0);
    have(&gateway, &plain).await;
}

#[actix_web::test]
async fn messages_go_the_way_of_the_channel_and_look_as_the_node_says() {
    let gateway = gateway().await;
    let lina = bound(&gateway, "lina").await;
    created(&gateway, &options()).await;
    let at = now(&gateway);
    row(&gateway, at, 1, lina, "dt", "Hello &amp; more", "").await;
    row(&gateway, at, 2, lina, "news", "not this one", "").await;
    let card = json!({"url": "https://nocobase.example.com/admin/x", "dingtalk": {"kind": "card", "button": "See"}});
    run(&gateway, &format!(r#"INSERT INTO "notificationInAppMessages" VALUES ('00000000-0000-4000-8000-000000000003', {lina}, 'dt', 'A title', 'Text', {at}, '{card}')"#)).await;
    look(&gateway).await;
    look(&gateway).await;
    eventually("the messages", async || received(&gateway).await.len() >= 2).await;
    let mut got = received(&gateway).await;
    got.sort();
    let person = "user-lina".to_owned();
    let expected = ["### A title\n\nText", "A title\nHello & more"];
    assert_eq!(
        got,
        expected.map(|words| (person.clone(), words.to_owned()))
    );

    let robot = json!({"authenticator": "dingtalk", "way": "robot"});
    created(&gateway, &robot).await;
    row(&gateway, now(&gateway), 4, lina, "dt", "by the robot", "").await;
    look(&gateway).await;
    let list = || ask(&gateway, "dingtalkMessages:list?sort=-id", json!({}));
    eventually("the robot's message", async || {
        list().await.json()["data"][0]["way"] == "robot"
    })
    .await;
}

#[actix_web::test]
async fn a_channel_that_was_saved_without_the_gateway_begins_when_it_is_seen() {
    let gateway = gateway().await;
    let lina = bound(&gateway, "lina").await;
    have(&gateway, &kept(&options())).await;
    row(&gateway, now(&gateway), 1, lina, "dt", "before", "").await;
    gateway
        .app
        .clock
        .advance(chrono::TimeDelta::milliseconds(5));
    look(&gateway).await;
    row(&gateway, now(&gateway), 2, lina, "dt", "after", "").await;
    look(&gateway).await;
    eventually("the message", async || received(&gateway).await.len() == 1).await;
    assert_eq!(received(&gateway).await[0].1, "A title\nafter");
    // Such a channel is set where it is, and not as one of those that also go to DingTalk.
    let listed = ask(&gateway, "dingtalkMessages:channels", json!({}))
        .await
        .json();
    let names: Vec<_> = listed["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| &row["channel"])
        .collect();
    assert_eq!(names, ["news", "other"]);
    let body = json!({"channel": "dt", "authenticator": "dingtalk"});
    let refused = ask(&gateway, "dingtalkMessages:saveChannel", body).await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{}", refused.text);
}

#[actix_web::test]
async fn a_disabled_authenticator_carries_nothing() {
    let gateway = gateway().await;
    let lina = bound(&gateway, "lina").await;
    created(&gateway, &options()).await;
    let off = app_options(false);
    run(
        &gateway,
        &format!(r#"UPDATE "authenticators" SET "options" = '{off}' WHERE "name" = 'dingtalk'"#),
    )
    .await;
    gateway.know().await;
    row(&gateway, now(&gateway), 1, lina, "dt", "to nobody", "").await;
    look(&gateway).await;
    assert_eq!(received(&gateway).await, []);
    let list = ask(&gateway, "dingtalkMessages:list", json!({}))
        .await
        .json();
    assert_eq!(list["meta"]["count"], 0);
    // The title can still be changed, and another way of sending cannot be chosen.
    let update = "notificationChannels:update?filterByTk=dt";
    let renamed = ask(&gateway, update, json!({"title": "x"})).await;
    assert_eq!(renamed.status, StatusCode::OK, "{}", renamed.text);
    let robot = json!({"options": {"authenticator": "dingtalk", "way": "robot"}});
    let refused = ask(&gateway, update, robot).await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{}", refused.text);
}

#[actix_web::test]
async fn the_forms_are_described_for_whoever_may_use_them() {
    let gateway = gateway().await;
    let channel = ask(&gateway, "dingtalkMessages:optionsSchema", json!({}))
        .await
        .json();
    let choices = &channel["data"]["properties"]["authenticator"]["oneOf"];
    assert_eq!(
        *choices,
        json!([{"const": "dingtalk", "title": "dingtalk"}])
    );
    let message = ask(&gateway, "dingtalkMessages:messageSchema", json!({}))
        .await
        .json();
    assert_eq!(message["data"]["required"], json!(["title", "content"]));
}
