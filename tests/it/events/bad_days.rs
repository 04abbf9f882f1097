//! Bad days: events come in any order, twice and late, connections break, and the server is killed. In the end
//! everything is as after a run.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use entity::{audit, directory_member, event, lease};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use reqwest::StatusCode;
use sea_orm::{EntityTrait, QueryOrder};
use serde_json::{Value, json};

use super::{rows_in, save_source_with};
use crate::faults::{is_full, seed, size};
use crate::support::{Browser, Kind, Place, Process};

/// People who are hired before it begins.
const PEOPLE: usize = 30;
/// Events that may be on their way when further ones are sent. If there were many more, a slow machine would still be
/// storing them when they are sent again.
const WAITING: usize = 150;

/// Waits as long as it takes to process this many events.
async fn finally(what: &str, events: usize, mut holds: impl AsyncFnMut() -> bool) {
    // Each person is asked for within DingTalk's rate limit, and a killed server's leases have to expire.
    let patience =
        Duration::from_mins(1) + Duration::from_millis(200) * u32::try_from(events).unwrap();
    let began = Instant::now();
    while !holds().await {
        assert!(began.elapsed() < patience, "never came: {what}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Waits until no more than so many events are on their way.
async fn acknowledged_but(place: &Place, most: usize) {
    finally("acknowledgements", most, async || {
        let all = place.sandbox.events().await;
        let waiting = all
            .iter()
            .filter(|event| event["outcome"] != "acknowledged");
        waiting.count() <= most
    })
    .await;
}

/// The people as they are remembered, in their order.
async fn people(place: &Place) -> Vec<directory_member::Model> {
    let connection = place.database.connect().await;
    let rows = directory_member::Entity::find().all(&connection).await;
    connection.into_inner().close().await.unwrap();
    let mut rows = rows.unwrap();
    rows.sort_by(|one, other| one.stable_id.cmp(&other.stable_id));
    rows
}

/// Runs the source to its end. Returns what the run has done.
async fn run(server: &Process) -> Value {
    let mut browser = Browser::at(server.address);
    let token = browser.sign_in_as_root().await;
    let path = "/api/dingtalkDirectory:run";
    let mut id = Value::Null;
    finally("the begin of a run", 0, async || {
        let begun = browser
            .post_as(&token, path, json!({"authenticator": "dingtalk"}))
            .await;
        id = begun.json()["data"]["runId"].clone();
        begun.status == StatusCode::OK
    })
    .await;
    let path = format!("/api/dingtalkDirectory:runs?filter={}", json!({"id": id}));
    let mut row = Value::Null;
    finally("the end of a run", PEOPLE, async || {
        row = browser.get_as(&token, &path).await.json()["data"][0].clone();
        row["state"] != "running"
    })
    .await;
    assert_eq!(row["state"], "succeeded", "{row}");
    row["counts"].clone()
}

/// Something happens in the organization. `gone` are those who have left and may come back.
async fn happen(place: &Place, random: &mut StdRng, gone: &mut BTreeSet<String>, number: usize) {
    let sandbox = &place.sandbox;
    let who = format!("employee{}", random.random_range(1..=PEOPLE));
    if gone.remove(&who) {
        return sandbox.rehire(&who).await;
    }
    match random.random_range(0..10) {
        0 => {
            let id = format!("newcomer{number}");
            sandbox.hire_person(json!({"id": id, "name": id})).await;
        }
        1 => {
            let id = format!("passing{number}");
            sandbox.hire_person(json!({"id": id, "name": id})).await;
            sandbox.dismiss(&id).await;
        }
        2 => {
            sandbox.dismiss(&who).await;
            gone.insert(who);
        }
        _ => {
            let name = format!("Name {number}");
            sandbox.change_person(&who, json!({"name": name})).await;
        }
    }
}

#[actix_web::test]
async fn whatever_breaks_in_between_events_leave_what_a_run_leaves() {
    let (count, breaks, kills) = (size(100, 1000), size(4, 60), size(2, 20));
    let mut random = StdRng::seed_from_u64(seed());
    let place = Place::new();
    let sandbox = &place.sandbox;
    sandbox.hire(PEOPLE).await;
    let mut server = place.start();
    place.open(&server).await;
    let events = json!({"events": {"mode": "stream"}, "safetyLimitPercent": 100});
    save_source_with(&mut Browser::at(server.address), events).await;
    run(&server).await;
    finally("a connection", 0, async || {
        !sandbox.streams().await.is_empty()
    })
    .await;
    let bad = json!({
        "jitterMs": 200, "duplicates": 1, "redeliveryMs": 1000, "mostAttempts": 1_000_000, "pingMs": 100, "goodbyeMs": 100,
    });
    sandbox.send_events(bad).await;
    let mut gone = BTreeSet::new();
    for number in 0..count {
        if number % (count / breaks) == count / breaks / 2 {
            let how = ["abrupt", "disconnect"][random.random_range(0..2)];
            sandbox.close_streams(how).await;
        }
        if number % (count / kills) == count / kills / 2 {
            server.kill();
            if !is_full() {
                time_passes(&place).await;
            }
            server = place.start();
        }
        happen(&place, &mut random, &mut gone, number).await;
        if number % 20 == 0 {
            acknowledged_but(&place, WAITING).await;
        }
    }
    acknowledged_but(&place, 0).await;
    finally("the end of all events", count, async || {
        rows_in(&place.database)
            .await
            .iter()
            .all(|row| row.state != event::State::Queued)
    })
    .await;
    let told: Vec<_> = rows_in(&place.database).await;
    let mut ids: Vec<_> = told.iter().map(|row| row.event_id.clone()).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), told.len(), "an event was kept twice");

    let by_events = people(&place).await;
    let counts = run(&server).await;
    for what in [
        "created", "linked", "adopted", "updated", "returned", "left", "errors",
    ] {
        assert_eq!(counts[what], 0, "{what}: {counts}");
    }
    assert_eq!(people(&place).await, by_events);
    nothing_was_done_twice(&place).await;
    let times = told.len();
    println!("{times} events, {breaks} cuts of the connection, {kills} kills");
}

/// What a killed server held ends at once, as it would after some seconds. On a SQLite file the next server does
/// this by itself.
async fn time_passes(place: &Place) {
    if place.database.kind == Kind::Sqlite {
        return;
    }
    let connection = place.database.connect().await;
    let ended = lease::Entity::delete_many().exec(&connection).await;
    ended.unwrap();
    connection.into_inner().close().await.unwrap();
}

/// Checks in the audit trail that nobody was created twice, ended twice or returned twice. Updates are not compared: an
/// event that was being processed when the server was killed is processed again, and may then find a later change.
async fn nothing_was_done_twice(place: &Place) {
    let connection = place.database.connect().await;
    let rows = audit::Entity::find().order_by_asc(audit::Column::Id);
    let rows = rows.all(&connection).await.unwrap();
    connection.into_inner().close().await.unwrap();
    let mut last: BTreeMap<i64, &str> = BTreeMap::new();
    for row in &rows {
        let (Some(account), true) = (row.user_id, row.action.starts_with("directory")) else {
            continue;
        };
        if row.action != "directoryUpdate" {
            let before = last.insert(account, &row.action);
            let expected = match row.action.as_str() {
                "directoryCreate" => before.is_none(),
                "directoryEnd" => before != Some("directoryEnd"),
                "directoryReturn" => before == Some("directoryEnd"),
                _ => false,
            };
            assert!(expected, "{before:?} and then {row:?}");
        }
    }
    assert!(last.len() >= PEOPLE, "{last:?}");
}
