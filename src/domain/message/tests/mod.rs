//! Tests of the states of messages, on a store without a server.

mod taking_over;

use std::time::Duration;

use entity::directory_member;
use entity::message::State;
use serde_json::json;

use super::attempt::WAIT_MS;
use super::*;
use crate::domain::test_installation::TestInstallation;
use crate::domain::test_provider::TestProvider;
use crate::store::{KeptContent, NewMessage, NewSend, NewUser, SourceValues};

const AUTHENTICATOR: (i64, &str) = (9, "company");

/// A provider that accepts nothing for minutes.
fn banned() -> TestProvider {
    TestProvider {
        is_banned: true,
        ..TestProvider::default()
    }
}

fn message() -> Message {
    Message {
        content: Content::Text {
            text: "Hello".to_owned(),
        },
        open_in: OpenIn::Client,
    }
}

/// An account that is bound to a person.
async fn bound(installation: &TestInstallation, person: &str) -> i64 {
    let account = installation.account(NewUser::default()).await.id;
    installation
        .bind(AUTHENTICATOR.1, account, person, json!({}))
        .await;
    account
}

/// Forwards a message to these accounts. Nobody waits for the answer.
async fn forwarded(store: &Store, clock: &Clock, accounts: &[i64]) -> (String, Vec<Delivery>) {
    let (messenger, message) = (banned(), message());
    let sending = sending(store, clock, &messenger, &message);
    sending.deliver(accounts).await.unwrap()
}

/// Nobody waits for the answer, so a message is tried for ten minutes.
fn sending<'a>(
    store: &'a Store,
    clock: &'a Clock,
    messenger: &'a dyn Messenger,
    message: &'a Message,
) -> Sending<'a> {
    Sending {
        store,
        clock,
        messenger,
        authenticator: AUTHENTICATOR,
        way: Way::Robot,
        message,
        requested_by: None,
        claims: &[],
        copies: None,
        followed: None,
    }
}

#[tokio::test]
async fn a_forwarded_message_is_tried_for_ten_minutes_from_the_first_failure_on() {
    let installation = TestInstallation::new().await;
    let store = &installation.store;
    let clock = store.clock().clone();
    let lina = bound(&installation, "lina").await;
    let before = clock.now().timestamp_millis();
    let (send_id, _) = forwarded(store, &clock, &[lina]).await;
    let waiting = store.waiting_send(&send_id).await.unwrap().unwrap();
    let tried = waiting.give_up_ms - before;
    assert!((WAIT_MS..WAIT_MS + 30_000).contains(&tried), "{tried}");
    let row = async || store.messages_of(&send_id).await.unwrap().remove(0);
    let pause = row().await.due_ms.unwrap() - before;
    assert!((60_000..90_000).contains(&pause), "{pause}");

    let message = message();
    let attempt = Attempt {
        store,
        clock: &clock,
        messenger: &banned(),
        message: &message,
        digest: "d",
        send_id: &send_id,
        carrier: (AUTHENTICATOR.1, Way::Robot.name()),
        give_up_ms: waiting.give_up_ms,
        pauses: &[],
    };
    let receivers = || vec![(lina, "lina".to_owned())];
    // One more minute is left.
    clock.advance(TimeDelta::milliseconds(WAIT_MS) - TimeDelta::seconds(90));
    attempt.send_to(receivers()).await.unwrap();
    assert_eq!(row().await.state, State::Claimed);
    clock.advance(TimeDelta::seconds(60));
    attempt.send_to(receivers()).await.unwrap();
    let ended = row().await;
    assert_eq!(ended.state, State::Failed);
    assert_eq!(ended.reason.as_deref(), Some(Reason::Banned.name()));
}

#[tokio::test]
async fn who_has_left_gets_nothing_though_the_account_is_still_bound() {
    let installation = TestInstallation::new().await;
    let store = &installation.store;
    let clock = store.clock().clone();
    let transaction = store.begin().await.unwrap();
    let source = transaction.save_directory_source(SourceValues {
        authenticator_id: AUTHENTICATOR.0,
        enabled: false,
        options: json!({}),
        acting_user_id: 1,
    });
    let source = source.await.unwrap();
    transaction.commit().await.unwrap();
    let mut accounts = Vec::new();
    for (person, is_gone) in [("lina", true), ("omar", false)] {
        let account = bound(&installation, person).await;
        let row = directory_member::Model {
            user_id: Some(account),
            is_gone,
            ..store.recorded(source.id, person)
        };
        store.save_mirrored_people(vec![row]).await.unwrap();
        accounts.push(account);
    }
    let nobody = installation.account(NewUser::default()).await.id;
    accounts.push(nobody);
    let (_, deliveries) = forwarded(store, &clock, &accounts).await;
    let states: Vec<_> = deliveries.iter().map(|one| one.state).collect();
    assert_eq!(states, [State::Left, State::Claimed, State::NotBound]);
}

#[tokio::test]
async fn a_text_is_kept_until_it_is_given_up_and_what_became_of_it_for_ninety_days() {
    let installation = TestInstallation::new().await;
    let store = &installation.store;
    let clock = store.clock().clone();
    let give_up = clock.now() + TimeDelta::minutes(10);
    let send = NewSend {
        send_id: "s".to_owned(),
        authenticator: AUTHENTICATOR.1.to_owned(),
        way: Way::Robot.name(),
        title: "x".to_owned(),
        digest: "d".to_owned(),
        requested_by_id: None,
        kept: Some(KeptContent {
            content: "{}".to_owned(),
            give_up_ms: give_up.timestamp_millis(),
        }),
        followed: None,
    };
    let row = NewMessage {
        user_id: 1,
        receiver: None,
        state: State::Failed,
        reason: None,
        due_ms: None,
    };
    let rows = [row];
    store.claim_messages(&send, &rows, &[]).await.unwrap();
    for (passes, is_kept) in [
        (TimeDelta::minutes(9), true),
        (TimeDelta::minutes(2), false),
        (TimeDelta::days(90) - TimeDelta::minutes(12), false),
        // Nothing was sent for days, so the clock may be ahead.
        (TimeDelta::minutes(2), false),
    ] {
        clock.advance(passes);
        assert_eq!(forget_old(store, &clock).await.unwrap(), 0, "{passes}");
        let kept = store.waiting_send("s").await.unwrap();
        assert_eq!(kept.is_some(), is_kept, "{passes}");
    }
    let newer = NewSend {
        send_id: "newer".to_owned(),
        kept: None,
        ..send
    };
    store.claim_messages(&newer, &rows, &[]).await.unwrap();
    assert_eq!(forget_old(store, &clock).await.unwrap(), 1);
    assert_eq!(store.messages_of("s").await.unwrap(), []);
}

#[tokio::test]
async fn the_last_moment_at_which_a_message_is_tried_counts() {
    let installation = TestInstallation::new().await;
    let store = &installation.store;
    let clock = store.clock().clone();
    clock.stop();
    let lina = bound(&installation, "lina").await;
    let now = clock.now().timestamp_millis();
    let (message, messenger) = (message(), banned());
    // The next try is a minute later.
    for (left, expected) in [(60_000, State::Claimed), (59_999, State::Failed)] {
        let (send_id, _) = forwarded(store, &clock, &[lina]).await;
        let attempt = Attempt {
            store,
            clock: &clock,
            messenger: &messenger,
            message: &message,
            digest: "d",
            send_id: &send_id,
            carrier: (AUTHENTICATOR.1, Way::Robot.name()),
            give_up_ms: now + left,
            pauses: &[],
        };
        let why = (Duration::from_mins(1), Reason::Banned);
        attempt.postpone(&[lina], None, why).await.unwrap();
        let rows = store.messages_of(&send_id).await.unwrap();
        assert_eq!(rows[0].state, expected, "{left}");
    }
}
