//! Forwarding over long times off, clocks that were wrong, restarts, and sends that take long.

use std::sync::Arc;

use chrono::TimeDelta;
use nocobase_dingtalk::domain::forwarding::Forwarder;
use nocobase_dingtalk::state::AppState;
use nocobase_dingtalk::store::StoreError;
use nocobase_dingtalk::worker::forwarding::step;
use serde_json::{Value, json};

use super::forwarding::{ASK, bound, call, forward, gateway, look_after, now, received, row};
use crate::support::{TestGateway, eventually};

/// A gateway whose own worker forwards nothing any more, and somebody who is bound.
async fn quiet_gateway() -> (TestGateway, i64) {
    let gateway = gateway().await;
    let lina = bound(&gateway, "lina").await;
    forward(&gateway, "news").await;
    gateway.server.app.begin_to_end();
    (gateway, lina)
}

/// One step of a process.
async fn steps(
    gateway: &TestGateway,
    mut forwarder: Forwarder,
) -> (Forwarder, Result<(), StoreError>) {
    let app: Arc<AppState> = gateway.server.app.clone();
    let stepped = async move {
        let outcome = step(&mut forwarder, &app).await;
        (forwarder, outcome)
    };
    gateway.server.does(stepped).await
}

/// A process that has begun to forward, once the one before has given up.
async fn leading(gateway: &TestGateway) -> Forwarder {
    let mut forwarder = Forwarder::default();
    eventually("the lease", async || {
        forwarder = look_after(gateway, 6, std::mem::take(&mut forwarder)).await;
        forwarder.leads()
    })
    .await;
    forwarder
}

#[actix_web::test]
async fn a_restarted_server_does_not_wait_for_the_lease_of_the_one_before() {
    let (gateway, lina) = quiet_gateway().await;
    row(&gateway, now(&gateway), 1, lina, "news", "at once", "").await;
    let begun = now(&gateway);
    let _leads = leading(&gateway).await;
    eventually("the message", async || received(&gateway).await.len() == 1).await;
    assert!(now(&gateway) - begun < 60_000, "it took a minute");
}

#[actix_web::test]
async fn nothing_is_sent_twice_after_a_weekend_without_a_gateway() {
    let (gateway, lina) = quiet_gateway().await;
    let forwarder = leading(&gateway).await;
    row(&gateway, now(&gateway), 1, lina, "news", "on Friday", "").await;
    let mut forwarder = look_after(&gateway, 1, forwarder).await;
    assert_eq!(received(&gateway).await.len(), 1);
    forwarder.give_up(&gateway.server.app.store).await.unwrap();

    gateway.app.clock.advance(TimeDelta::days(3));
    let forwarder = look_after(&gateway, 1, Forwarder::default()).await;
    row(&gateway, now(&gateway), 2, lina, "news", "on Monday", "").await;
    drop(look_after(&gateway, 60, forwarder).await);
    let words: Vec<_> = received(&gateway).await;
    let words: Vec<_> = words.iter().map(|(_, words)| words.as_str()).collect();
    assert_eq!(words, ["A title\non Friday", "A title\non Monday"]);
    // DingTalk itself drops what somebody got in the same words today, and no clock but ours was advanced.
    assert_eq!(gateway.app.sandbox.calls(ASK).await, 2);
}

#[actix_web::test]
async fn a_message_of_friday_evening_is_caught_up_with_on_monday() {
    let (gateway, lina) = quiet_gateway().await;
    let mut forwarder = leading(&gateway).await;
    forwarder.give_up(&gateway.server.app.store).await.unwrap();
    row(&gateway, now(&gateway), 1, lina, "news", "on Friday", "").await;
    gateway.app.clock.advance(TimeDelta::hours(63));
    drop(look_after(&gateway, 1, Forwarder::default()).await);
    assert_eq!(received(&gateway).await.len(), 1);
}

#[actix_web::test]
async fn what_came_while_the_plugin_was_switched_off_is_not_sent() {
    let (gateway, lina) = quiet_gateway().await;
    let switch = async |action: &str| {
        let path = format!("/api/pm:{action}?filterByTk=auth-dingtalk&awaitResponse=1");
        call(&gateway, &path, json!({})).await;
    };
    switch("disable").await;
    row(&gateway, now(&gateway), 1, lina, "news", "meanwhile", "").await;
    gateway.app.clock.advance(TimeDelta::seconds(30));
    switch("enable").await;
    row(&gateway, now(&gateway), 2, lina, "news", "later", "").await;
    drop(look_after(&gateway, 130, Forwarder::default()).await);
    let words = received(&gateway).await;
    let words: Vec<_> = words.iter().map(|(_, words)| words.as_str()).collect();
    assert_eq!(words, ["A title\nlater"]);
}

#[actix_web::test]
async fn a_clock_that_was_ahead_for_a_while_stops_nothing() {
    let (gateway, lina) = quiet_gateway().await;
    let year = TimeDelta::days(365);
    gateway.app.clock.advance(year);
    drop(leading(&gateway).await);
    gateway.app.clock.advance(-year);
    // The process was killed, so its lease seems to last for a year.
    row(&gateway, now(&gateway), 1, lina, "news", "in time", "").await;
    drop(look_after(&gateway, 1, Forwarder::default()).await);
    assert_eq!(received(&gateway).await.len(), 1);
}

#[actix_web::test]
async fn a_process_that_sends_for_minutes_keeps_its_lease() {
    let (gateway, lina) = quiet_gateway().await;
    let forwarder = leading(&gateway).await;
    let sandbox = &gateway.app.sandbox;
    sandbox.fault(ASK, "slowBody", Value::Null, 1_000).await;
    let at = now(&gateway);
    for number in 1..=3 {
        let words = format!("number {number}");
        row(
            &gateway,
            at + i64::from(number),
            number,
            lina,
            "news",
            &words,
            "",
        )
        .await;
    }
    gateway.app.clock.advance(TimeDelta::seconds(1));
    // One after the other, because they are for one person. Each takes longer than half of a lease.
    let passes = async {
        for calls in 1..=3 {
            eventually("the next call", async || sandbox.calls(ASK).await >= calls).await;
            gateway.app.clock.advance(TimeDelta::seconds(50));
        }
        steps(&gateway, Forwarder::default()).await
    };
    let ((_, sent), (other, asked)) = futures_util::join!(steps(&gateway, forwarder), passes);
    sent.unwrap();
    asked.unwrap();
    assert!(!other.leads(), "another process forwards at the same time");
    assert_eq!(received(&gateway).await.len(), 3);
}
