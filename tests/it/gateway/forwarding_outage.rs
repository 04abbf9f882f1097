//! DingTalk is away while messages of NocoBase's inbox come.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::forwarding::{bound, forward, gateway, look, now, received, row};
use crate::support::message_workers::follow_up;
use crate::support::{TestGateway, eventually};

async fn listed(gateway: &TestGateway, token: &str) -> Vec<Value> {
    let path = "/api/dingtalkMessages:list?sort=id";
    let list = gateway.browser().get_as(token, path).await.json();
    list["data"].as_array().unwrap().clone()
}

/// The worker's step, so much later.
async fn later(gateway: &TestGateway, seconds: i64) {
    gateway.app.clock.advance(TimeDelta::seconds(seconds));
    let app = gateway.server.app.clone();
    gateway.server.does(follow_up(app)).await;
}

#[actix_web::test]
async fn what_comes_while_dingtalk_is_away_for_a_minute_arrives_once_when_it_is_back() {
    let mut gateway = gateway().await;
    let (lina, zhang) = (
        bound(&gateway, "lina").await,
        bound(&gateway, "zhangwei").await,
    );
    forward(&gateway, "news").await;
    let token = gateway.root_token().await;
    // The server that is no gateway has no business here.
    gateway.app.server.end();
    gateway.app.sandbox.stop().await;
    for number in 1..=10 {
        let (person, words) = (
            [lina, zhang][number as usize % 2],
            format!("number {number}"),
        );
        row(&gateway, now(&gateway), number, person, "news", &words, "").await;
    }
    look(&gateway).await;
    eventually("all rows", async || {
        listed(&gateway, &token).await.len() == 10
    })
    .await;
    for _ in 0..6 {
        later(&gateway, 10).await;
    }
    for row in listed(&gateway, &token).await {
        // Of two messages to one person, the later one waits for the earlier one.
        let waits = ["unreachable", "behindEarlier"].map(|reason| json!(reason));
        assert!(
            row["state"] == "claimed" && waits.contains(&row["reason"]),
            "{row}"
        );
    }
    gateway.app.sandbox.start_again();
    // Whether it is back is not asked for some real seconds.
    eventually("DingTalk", async || {
        let body = json!({"authenticator": "dingtalk"});
        let path = "/api/dingtalk:checkConnection";
        let told = gateway.browser().post_as(&token, path, body).await;
        told.text.contains("DingTalk knows this Agent ID.")
    })
    .await;
    for _ in 0..3 {
        later(&gateway, 61).await;
    }
    eventually("all messages", async || {
        received(&gateway).await.len() >= 10
    })
    .await;
    later(&gateway, 200).await;
    let mut got = received(&gateway).await;
    got.sort();
    got.dedup();
    assert_eq!(got.len(), 10, "{got:?}");
    assert_eq!(received(&gateway).await.len(), 10);
    eventually("their states", async || {
        let rows = listed(&gateway, &token).await;
        let arrived = |row: &Value| row["state"] == "sent" || row["state"] == "delivered";
        rows.iter().all(arrived)
    })
    .await;
}
