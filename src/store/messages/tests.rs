//! How often somebody got a message, and who waits for an earlier one.

use std::collections::{HashMap, HashSet};

use chrono::TimeDelta;
use entity::message::State;

use super::{KeptContent, NewMessage, NewSend};
use crate::store::Store;

fn send(send_id: &str, digest: &str) -> NewSend {
    NewSend {
        send_id: send_id.to_owned(),
        authenticator: "company".to_owned(),
        way: "robot",
        title: "x".to_owned(),
        digest: digest.to_owned(),
        requested_by_id: None,
        kept: None,
        followed: None,
    }
}

/// Keeps a message to these receivers.
async fn claim(store: &Store, send_id: &str, digest: &str, state: State, receivers: &[&str]) {
    let send = send(send_id, digest);
    let rows = (1..).zip(receivers).map(|(user_id, receiver)| NewMessage {
        user_id,
        receiver: Some((*receiver).to_owned()),
        state,
        reason: None,
        due_ms: None,
    });
    let rows: Vec<_> = rows.collect();
    store.claim_messages(&send, &rows, &[]).await.unwrap();
}

#[tokio::test]
async fn how_often_somebody_got_a_message_is_counted_by_the_database() {
    let storage = tempfile::tempdir().unwrap();
    let store = Store::fresh(storage.path()).await;
    store.migrate().await.unwrap();
    claim(&store, "old", "d", State::Sent, &["lina"]).await;
    store.clock().advance(TimeDelta::hours(2));
    let since = store.now() - TimeDelta::hours(1);
    claim(&store, "1", "d", State::Delivered, &["lina", "omar"]).await;
    claim(&store, "2", "d", State::Sending, &["lina", "wei"]).await;
    claim(&store, "3", "d", State::Unknown, &["lina"]).await;
    claim(&store, "4", "d", State::Failed, &["lina", "mona"]).await;
    claim(&store, "5", "another", State::Sent, &["lina"]).await;

    let heard = store.heard();
    let receivers = ["lina", "omar", "mona", "nobody"].map(str::to_owned);
    let times = store.times_sent("d", &receivers, since).await.unwrap();
    let expected = [("lina".to_owned(), 3), ("omar".to_owned(), 1)];
    assert_eq!(times, HashMap::from(expected));
    let heard = heard.take();
    let [sql] = heard.as_slice() else {
        panic!("{heard:#?}")
    };
    assert!(sql.contains("COUNT(") && sql.contains("GROUP BY"), "{sql}");
}

#[tokio::test]
async fn the_database_names_somebody_once_however_many_earlier_messages_wait() {
    let storage = tempfile::tempdir().unwrap();
    let store = Store::fresh(storage.path()).await;
    store.migrate().await.unwrap();
    for send_id in ["1", "2", "3"] {
        let waits = NewSend {
            kept: Some(KeptContent {
                content: "{}".to_owned(),
                give_up_ms: i64::MAX,
            }),
            ..send(send_id, "d")
        };
        let lina = NewMessage {
            user_id: 1,
            receiver: Some("lina".to_owned()),
            state: State::Claimed,
            reason: Some("unreachable"),
            due_ms: None,
        };
        store.claim_messages(&waits, &[lina], &[]).await.unwrap();
    }
    claim(&store, "4", "d", State::Claimed, &["lina", "omar"]).await;

    let heard = store.heard();
    let carrier = ("company", "robot");
    let behind = store.behind_earlier("4", carrier, &[1, 2]).await.unwrap();
    assert_eq!(behind, HashSet::from([1]));
    let heard = heard.take();
    let [sql] = heard.as_slice() else {
        panic!("{heard:#?}")
    };
    assert!(sql.starts_with("SELECT DISTINCT"), "{sql}");
}
