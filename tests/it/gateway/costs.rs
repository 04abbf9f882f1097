//! What it costs to look for messages of NocoBase's inbox.

use std::time::{Duration, Instant};

use nocobase_dingtalk::domain::forwarding::Forwarder;
use serde_json::Value;

use super::forwarding::{ASK, bound, forward, gateway, look_after, now, received, row};
use crate::support::eventually;

#[actix_web::test]
async fn a_look_that_finds_nothing_new_is_one_statement_also_right_after_a_message() {
    let gateway = gateway().await;
    let lina = bound(&gateway, "lina").await;
    forward(&gateway, "news").await;
    let forwarder = look_after(&gateway, 130, Forwarder::default()).await;
    row(&gateway, now(&gateway), 1, lina, "news", "the last one", "").await;
    let mut forwarder = look_after(&gateway, 1, forwarder).await;
    eventually("the message", async || received(&gateway).await.len() == 1).await;
    let app = gateway.server.app.clone();
    let mut fewest = u64::MAX;
    for _ in 0..6 {
        let before = app.store.statements();
        forwarder = look_after(&gateway, 1, forwarder).await;
        // What the server does beside is counted, too, in some of these moments.
        fewest = fewest.min(app.store.statements() - before);
    }
    drop(forwarder);
    assert_eq!(fewest, 1, "the row is still looked at");
}

#[actix_web::test]
async fn sending_does_not_count_as_looking_and_delays_no_later_message() {
    let gateway = gateway().await;
    let lina = bound(&gateway, "lina").await;
    forward(&gateway, "news").await;
    let slow = gateway.app.sandbox.fault(ASK, "delay", Value::Null, 700);
    slow.await;
    row(&gateway, now(&gateway), 1, lina, "news", "slowly", "").await;
    let begun = Instant::now();
    let forwarder = look_after(&gateway, 130, Forwarder::default()).await;
    let rest = begun.elapsed().saturating_sub(Duration::from_millis(700));
    eventually("the message", async || received(&gateway).await.len() == 1).await;
    assert!(forwarder.looked() > Duration::ZERO);
    let looked = forwarder.looked();
    assert!(
        looked <= rest || looked < Duration::from_millis(600),
        "{looked:?}"
    );
}
