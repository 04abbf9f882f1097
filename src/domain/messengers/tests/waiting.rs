//! Messages that wait: they are sent later, or given up.

use chrono::TimeDelta;
use entity::message::State;
use serde_json::json;

use super::Office;
use crate::domain::message::forget_old;
use crate::domain::messengers::send_waiting;
use crate::domain::test_provider::AUTH_TYPE;
use crate::store::NewVariable;

#[tokio::test]
async fn what_was_cut_off_is_not_sent_again_and_what_waits_is_tried_until_it_is_given_up() {
    let office = Office::open().await;
    office.create("company", AUTH_TYPE, true).await;
    let store = &office.installation.store;
    store.clock().stop();
    let now = store.clock().now().timestamp_millis();
    // Nobody is bound, so whoever is looked for gets nothing. The last one is too late.
    for (send_id, was, give_up_ms, expected) in [
        ("cut-off", State::Sending, now, State::Unknown),
        ("waits", State::Claimed, now, State::NotBound),
        ("late", State::Claimed, now - 1, State::Failed),
    ] {
        office.keep(send_id, was, give_up_ms).await;
        let resumed = send_waiting(office.messengers(), store.clock()).await;
        resumed.unwrap();
        assert_eq!(office.states(send_id).await, [expected], "{send_id}");
    }
}

#[tokio::test]
async fn what_waits_goes_on_waiting_while_the_variables_of_its_authenticator_cannot_be_read() {
    let office = Office::open().await;
    let store = &office.installation.store;
    let options = json!({"secret": "{{ $env.SECRET }}"});
    store
        .add_authenticator("company", AUTH_TYPE, true, options)
        .await;
    let variable = NewVariable {
        name: "SECRET".to_owned(),
        kind: "default",
        value: Some("x".to_owned()),
    };
    store.create_environment_variable(variable).await.unwrap();
    let give_up_ms = store.clock().now().timestamp_millis() + 60_000;
    office.keep("waits", State::Claimed, give_up_ms).await;
    let (table, away) = ("environmentVariables", "environmentVariables_away");
    store.rename_table(table, away).await;
    let resumed = send_waiting(office.messengers(), store.clock()).await;
    assert!(resumed.is_err(), "{resumed:?}");
    assert_eq!(office.states("waits").await, [State::Claimed]);

    // Nobody is bound, which is found out now.
    store.rename_table(away, table).await;
    let resumed = send_waiting(office.messengers(), store.clock()).await;
    resumed.unwrap();
    assert_eq!(office.states("waits").await, [State::NotBound]);
}

#[tokio::test]
async fn what_waits_since_the_clock_was_ahead_does_not_wait_for_that_time() {
    let office = Office::open().await;
    office.create("company", AUTH_TYPE, true).await;
    let store = &office.installation.store;
    let ahead = TimeDelta::days(30);
    store.clock().advance(ahead);
    let give_up_ms = store.clock().now().timestamp_millis() + 60_000;
    office.keep("waits", State::Claimed, give_up_ms).await;
    store.clock().advance(-ahead);
    forget_old(store, store.clock()).await.unwrap();
    let resumed = send_waiting(office.messengers(), store.clock()).await;
    resumed.unwrap();
    // Nobody is bound, which is found out now.
    assert_eq!(office.states("waits").await, [State::NotBound]);
}
