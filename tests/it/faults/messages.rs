//! The server's process is killed while it sends messages.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use entity::message;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use reqwest::Method;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::{Value, json};

use super::crash::sign_in;
use super::{account_of, seed, size, visitor};
use crate::support::{Browser, Place, eventually};

/// The call that sends, to twenty people at most.
const CALL: &str = "/v1.0/robot/oToMessages/batchSend";
/// Receivers of each message: three calls.
const PEOPLE: usize = 45;
/// How long an answer takes.
const SLOW: Duration = Duration::from_millis(400);

/// What is known about each message to somebody: text, person and state.
type Rows = Vec<(String, String, String)>;

async fn rows(place: &Place) -> Rows {
    let connection = place.database.connect().await;
    let rows = message::Entity::find().all(&connection).await.unwrap();
    connection.into_inner().close().await.unwrap();
    let told = |row: message::Model| (row.title, row.receiver.unwrap(), row.state.name());
    rows.into_iter().map(told).collect()
}

/// Minutes pass: what a process has taken upon itself, and does no more, is due.
async fn minutes_pass(place: &Place) {
    let connection = place.database.connect().await;
    message::Entity::update_many()
        .col_expr(message::Column::DueMs, Expr::value(1_i64))
        .filter(message::Column::State.is_in(["claimed", "sending"]))
        .exec(&connection)
        .await
        .unwrap();
    connection.into_inner().close().await.unwrap();
}

/// How often each person got each text.
async fn received(place: &Place) -> HashMap<(String, String), usize> {
    let url = place.sandbox.url().join("/_sandbox/messages").unwrap();
    let text = reqwest::get(url).await.unwrap().text().await.unwrap();
    let all: Vec<Value> = serde_json::from_str(&text).unwrap();
    let mut counts = HashMap::new();
    for message in all {
        let words = message["content"]["msgParam"]["content"].as_str().unwrap();
        let person = message["userid"].as_str().unwrap();
        *counts
            .entry((words.to_owned(), person.to_owned()))
            .or_default() += 1;
    }
    counts
}

#[actix_web::test]
async fn whenever_the_server_is_killed_each_message_arrives_at_most_once_and_none_is_forgotten() {
    let kills = size(8, 60);
    let mut random = StdRng::seed_from_u64(seed());
    let place = Place::new();
    place.sandbox.hire(PEOPLE).await;
    let mut server = place.start();
    place.open(&server).await;
    let mut accounts = Vec::new();
    for number in 1..=PEOPLE {
        let mut browser = Browser::at(server.address);
        let person = format!("employee{number}");
        let page = sign_in(&place, &mut browser, &person, &visitor(number)).await;
        let session = page.unwrap().session().unwrap();
        accounts.push(account_of(session["token"].as_str().unwrap()));
    }
    let mut root = Browser::at(server.address);
    let token = root.sign_in_as_root().await;
    let authorization = format!("Bearer {token}");

    // The people have the message, and the server does not know it yet.
    let delay = u64::try_from(SLOW.as_millis()).unwrap();
    place
        .sandbox
        .fault(CALL, "slowBody", Value::Null, delay)
        .await;
    let mut waited = 0;
    for kill in 0..kills {
        let words = format!("message {kill}");
        let message = json!({"kind": "text", "text": words});
        let body = json!({"userIds": accounts, "way": "robot", "message": message});
        let mut browser = Browser::at(server.address);
        let headers = [("authorization", authorization.as_str())];
        let path = "/api/dingtalkMessages:send";
        let send = browser.try_send(Method::POST, path, &headers, Some(body));
        let sent = async {
            // In the first rounds in the middle of the first and of the second call, then anywhere.
            if kill < 2 {
                eventually("the call", async || {
                    let people = received(&place).await.into_keys();
                    people.filter(|(got, _)| *got == words).count() > 20 * kill
                })
                .await;
            } else {
                let latest = SLOW * 3 + Duration::from_millis(200);
                tokio::time::sleep(random.random_range(Duration::ZERO..latest)).await;
            }
            server.kill();
        };
        let (_, ()) = futures_util::join!(send, sent);
        let left = rows(&place).await;
        let left = left.iter().filter(|(_, _, state)| state == "claimed");
        waited += left.count();
        minutes_pass(&place).await;
        server = place.start();
    }
    eventually("the end of it", async || {
        let waits = |state: &str| state == "claimed" || state == "sending";
        !rows(&place).await.iter().any(|(_, _, state)| waits(state))
    })
    .await;

    let got = received(&place).await;
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    let all = rows(&place).await;
    for (words, person, state) in &all {
        let times = got.get(&(words.clone(), person.clone())).copied();
        let times = times.unwrap_or_default();
        let is_right = match state.as_str() {
            "sent" => times == 1,
            "unknown" => times <= 1,
            _ => false,
        };
        assert!(
            is_right,
            "{words} to {person} is {state}, and came {times} times"
        );
        *counts.entry(state.clone()).or_default() += 1;
    }
    let known = |(words, person): &(String, String)| {
        all.iter().any(|row| row.0 == *words && row.1 == *person)
    };
    assert!(got.keys().all(known), "somebody got what nobody knows of");
    assert!(got.values().all(|times| *times == 1), "{got:?}");
    println!("{kills} kills, {waited} messages waited, {counts:?}");
    assert!(waited >= PEOPLE - 20, "{waited} messages waited");
    assert!(counts["unknown"] >= 20, "{counts:?}");
}
