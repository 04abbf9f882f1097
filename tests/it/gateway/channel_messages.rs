//! Messages of channels of this product's type: the way they go, and what they look like.

use nocobase_dingtalk::metrics::GaugeValues;
use reqwest::StatusCode;
use serde_json::json;

use super::channels::{ask, created, gateway, have, kept, options};
use super::forwarding::{alone, app_options, bound, look, look_after, now, received, row, run};
use crate::support::eventually;

#[actix_web::test]
async fn messages_go_the_way_of_the_channel_and_look_as_the_node_says() {
    let gateway = gateway().await;
    let lina = bound(&gateway, "lina").await;
    created(&gateway, &options()).await;
    let at = now(&gateway);
    row(&gateway, at, 1, lina, "dt", "Hello &amp; more", "").await;
    row(&gateway, at, 2, lina, "news", "not this one", "").await;
    let card = json!({"url": "https://nocobase.example.com/admin/x", "message": {"kind": "card", "button": "See"}});
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
    eventually("what is counted", async || {
        let counted = gateway.server.app.metrics.render(&GaugeValues::default());
        let counted = String::from_utf8(counted.unwrap()).unwrap();
        let total = |way: &str, count: u32| {
            let labels = format!(r#"{{state="sent",way="{way}"}} {count}"#);
            counted.contains(&format!("nocobase_dingtalk_messages_total{labels}"))
        };
        total("robot", 1) && total("workNotification", 2)
    })
    .await;
}

#[actix_web::test]
async fn a_channel_that_was_saved_without_the_gateway_begins_when_it_is_seen() {
    let gateway = gateway().await;
    let lina = bound(&gateway, "lina").await;
    // The gateway's own worker could see the channel before its first message is there.
    let forwarder = alone(&gateway).await;
    have(&gateway, &kept(&options())).await;
    row(&gateway, now(&gateway), 1, lina, "dt", "before", "").await;
    // It is time to read the channels, and the lease stands.
    let forwarder = look_after(&gateway, 20, forwarder).await;
    row(&gateway, now(&gateway), 2, lina, "dt", "after", "").await;
    drop(look_after(&gateway, 1, forwarder).await);
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
