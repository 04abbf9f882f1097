//! Several servers share a database: one of them has the connection, and another takes over when it dies.

use std::time::Duration;

use entity::event;
use serde_json::json;

use super::{rows_in, save_source_at};
use crate::support::{Browser, Kind, Place, eventually, within};

/// How soon another server must have the connection.
const SOON: Duration = Duration::from_secs(30);

#[actix_web::test]
async fn when_the_server_with_the_connection_is_killed_another_takes_over_and_no_event_is_lost() {
    let place = Place::new();
    // SQLite's file is for one server.
    if place.database.kind == Kind::Sqlite {
        return;
    }
    let sandbox = &place.sandbox;
    let mut first = place.start();
    place.open(&first).await;
    save_source_at(&mut Browser::at(first.address), json!({"mode": "stream"})).await;
    eventually("a connection", async || sandbox.streams().await.len() == 1).await;
    let old = sandbox.streams().await[0]["id"].clone();

    let _second = place.start();
    sandbox
        .send_events(json!({"redeliveryMs": 100, "mostAttempts": 1_000_000}))
        .await;
    sandbox.dismiss("lina").await;
    eventually("the first event", async || {
        sandbox.events().await[0]["outcome"] == "acknowledged"
    })
    .await;
    let open = sandbox.streams().await;
    assert_eq!(open.len(), 1, "one connection for both: {open:?}");
    assert_eq!(open[0]["id"], old);

    first.kill();
    sandbox.dismiss("zhangwei").await;
    within(SOON, "the event of the time between", async || {
        let all = sandbox.events().await;
        all.len() == 2 && all.iter().all(|one| one["outcome"] == "acknowledged")
    })
    .await;
    let kept = rows_in(&place.database).await;
    let mut subjects: Vec<_> = kept.iter().map(|row| row.subjects[0].clone()).collect();
    subjects.sort_by_key(ToString::to_string);
    assert_eq!(subjects, ["user-lina", "user-zhangwei"]);
}

#[actix_web::test]
async fn a_server_that_was_killed_goes_on_at_once_where_no_other_can_be() {
    let place = Place::new();
    // Elsewhere another server may be running that holds the leases.
    if place.database.kind != Kind::Sqlite {
        return;
    }
    let sandbox = &place.sandbox;
    let mut first = place.start();
    place.open(&first).await;
    save_source_at(&mut Browser::at(first.address), json!({"mode": "stream"})).await;
    eventually("a connection", async || sandbox.streams().await.len() == 1).await;
    first.kill();
    // Of what it held nothing ends while this test runs.
    let held = place.database.have_leases_end(i64::MAX).await;
    assert_ne!(held, 0);
    let _second = place.start();
    sandbox.dismiss("lina").await;
    eventually("the event", async || {
        let kept = rows_in(&place.database).await;
        kept.iter().any(|row| row.state != event::State::Queued)
    })
    .await;
}
