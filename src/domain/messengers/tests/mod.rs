//! Who carries messages, and when is asked what became of them, on a store without a server.

mod waiting;

use std::sync::Arc;
use std::sync::atomic::Ordering;

use chrono::TimeDelta;
use entity::message::State;
use serde_json::json;

use super::*;
use crate::domain::message::{KeptMessage, MessageOutcome, Reason};
use crate::domain::test_installation::TestInstallation;
use crate::domain::test_provider::{AUTH_TYPE, TestProvider};
use crate::store::{KeptContent, MessageState, NewMessage, NewSend};

const SEND: &str = "send";

/// A server whose provider carries messages.
struct Office {
    installation: TestInstallation,
    provider: TestProvider,
    providers: Providers,
}

impl Office {
    async fn open() -> Self {
        let provider = TestProvider::default();
        Self {
            installation: TestInstallation::new().await,
            providers: Providers::new(vec![Arc::new(provider.clone())]),
            provider,
        }
    }

    fn messengers(&self) -> Messengers<'_> {
        Messengers {
            store: &self.installation.store,
            vault: &self.installation.vault,
            providers: &self.providers,
        }
    }

    async fn create(&self, name: &str, auth_type: &str, enabled: bool) {
        let store = &self.installation.store;
        store
            .add_authenticator(name, auth_type, enabled, json!({}))
            .await;
    }

    /// The authenticator that carries messages when this one is named; nothing where none does, or several could.
    async fn carrier(&self, name: Option<&str>) -> Option<String> {
        match self.messengers().carrier(name, Way::Robot).await {
            Ok((row, _)) => Some(row.name),
            Err(NoMessenger::Authenticator) => None,
            Err(error) => panic!("{error}"),
        }
    }

    /// Has the provider take a message to Lina and Omar, and say of neither whether it has arrived.
    async fn send(&self) {
        let store = &self.installation.store;
        let send = NewSend {
            send_id: SEND.to_owned(),
            authenticator: "company".to_owned(),
            way: Way::Robot.name(),
            title: "x".to_owned(),
            digest: "d".to_owned(),
            requested_by_id: None,
            kept: None,
            followed: None,
        };
        let row = |user_id: i64, receiver: &str| NewMessage {
            user_id,
            receiver: Some(receiver.to_owned()),
            state: State::Sending,
            reason: None,
            due_ms: None,
        };
        let rows = [row(1, "lina"), row(2, "omar")];
        store.claim_messages(&send, &rows, &[]).await.unwrap();
        let taken = MessageState {
            task: Some("task".to_owned()),
            due_ms: Some(store.clock().now().timestamp_millis()),
            ..MessageState::of(State::Sent)
        };
        let written = store.write_messages(SEND, &[1, 2], None, taken).await;
        assert_eq!(written.unwrap(), 2);
    }

    /// A message to one person in this state, whose time has come and which is tried until then.
    async fn keep(&self, send_id: &str, state: State, give_up_ms: i64) {
        let store = &self.installation.store;
        let text = json!({"kind": "text", "text": "x"});
        let kept = KeptMessage {
            message: serde_json::from_value(text).unwrap(),
            copies: None,
        };
        let send = NewSend {
            send_id: send_id.to_owned(),
            authenticator: "company".to_owned(),
            way: Way::Robot.name(),
            title: "x".to_owned(),
            digest: "d".to_owned(),
            requested_by_id: None,
            kept: Some(KeptContent {
                content: kept.written().unwrap(),
                give_up_ms,
            }),
            followed: None,
        };
        let row = NewMessage {
            user_id: 1,
            receiver: None,
            state,
            reason: None,
            due_ms: Some(store.clock().now().timestamp_millis()),
        };
        store.claim_messages(&send, &[row], &[]).await.unwrap();
    }

    /// What is known of the messages of a send.
    async fn states(&self, send_id: &str) -> Vec<State> {
        let store = &self.installation.store;
        let rows = store.messages_of(send_id).await.unwrap();
        rows.iter().map(|row| row.state).collect()
    }

    /// A step, so much later: how often the provider was asked by then, and what is known of both messages.
    async fn ask(&self, passes: TimeDelta) -> (usize, Vec<State>) {
        let store = &self.installation.store;
        let clock = store.clock();
        clock.advance(passes);
        ask_outcomes(self.messengers(), clock).await.unwrap();
        let states = self.states(SEND).await;
        (self.provider.asked.load(Ordering::Relaxed), states)
    }
}

#[tokio::test]
async fn a_message_that_names_no_authenticator_goes_by_the_only_one_that_carries_any() {
    let office = Office::open().await;
    assert_eq!(office.carrier(None).await, None, "there is none");
    for (name, auth_type, enabled) in [
        ("company", AUTH_TYPE, true),
        ("disabled", AUTH_TYPE, false),
        ("another-type", "SAML", true),
    ] {
        office.create(name, auth_type, enabled).await;
        let found = office.carrier(None).await;
        assert_eq!(found.as_deref(), Some("company"), "beside {name}");
    }
    office.create("branch", AUTH_TYPE, true).await;
    assert_eq!(office.carrier(None).await, None, "either could be meant");
    for (name, carries) in [
        ("company", true),
        ("branch", true),
        ("disabled", false),
        ("another-type", false),
        ("nobody", false),
    ] {
        let found = office.carrier(Some(name)).await;
        assert_eq!(found.as_deref(), carries.then_some(name));
    }
}

#[tokio::test]
async fn what_is_not_known_of_a_message_after_seconds_is_asked_once_more_after_minutes() {
    let office = Office::open().await;
    office.create("company", AUTH_TYPE, true).await;
    office.send().await;
    let unknown = vec![State::Sent, State::Sent];
    let seconds = office.ask(TimeDelta::seconds(10)).await;
    assert_eq!(seconds, (1, unknown.clone()));
    let too_early = office.ask(TimeDelta::minutes(4)).await;
    assert_eq!(too_early, (1, unknown));
    *office.provider.outcome.lock().unwrap() = MessageOutcome {
        delivered: vec!["lina".to_owned()],
        undelivered: Vec::new(),
    };
    let known = vec![State::Delivered, State::Sent];
    let minutes = office.ask(TimeDelta::minutes(2)).await;
    assert_eq!(minutes, (2, known.clone()));
    // What the provider does not know by then, it never does.
    let much_later = office.ask(TimeDelta::days(1)).await;
    assert_eq!(much_later, (2, known));
}

#[tokio::test]
async fn a_database_that_fails_at_the_second_look_does_not_end_the_asking() {
    let office = Office::open().await;
    office.create("company", AUTH_TYPE, true).await;
    office.send().await;
    let (asked, _) = office.ask(TimeDelta::seconds(10)).await;
    assert_eq!(asked, 1);
    let store = &office.installation.store;
    store.clock().advance(TimeDelta::minutes(6));
    store.rename_table("authenticators", "away").await;
    let failed = ask_outcomes(office.messengers(), store.clock()).await;
    assert!(failed.is_err());
    store.rename_table("away", "authenticators").await;
    let (asked, _) = office.ask(TimeDelta::seconds(5)).await;
    assert_eq!(asked, 2);
}

#[tokio::test]
async fn all_whom_a_message_did_not_reach_for_one_reason_are_written_by_one_statement() {
    let office = Office::open().await;
    office.create("company", AUTH_TYPE, true).await;
    office.send().await;
    let lost = ["lina", "omar"].map(|receiver| (receiver.to_owned(), Reason::TooManyToday));
    *office.provider.outcome.lock().unwrap() = MessageOutcome {
        delivered: Vec::new(),
        undelivered: lost.to_vec(),
    };
    let heard = office.installation.store.heard();
    let (_, states) = office.ask(TimeDelta::seconds(10)).await;
    assert_eq!(states, [State::Failed, State::Failed]);
    let heard = heard.take();
    let writes = |sql: &&String| sql.starts_with("UPDATE") && sql.contains(r#""reason""#);
    assert_eq!(heard.iter().filter(writes).count(), 1, "{heard:#?}");
}

#[tokio::test]
async fn a_message_that_is_asked_for_late_is_asked_for_once() {
    let office = Office::open().await;
    office.create("company", AUTH_TYPE, true).await;
    office.send().await;
    for passes in [TimeDelta::minutes(5), TimeDelta::days(1)] {
        let (asked, _) = office.ask(passes).await;
        assert_eq!(asked, 1, "{passes}");
    }
}

#[tokio::test]
async fn a_message_is_no_longer_young_four_minutes_after_it_was_sent() {
    let office = Office::open().await;
    office.installation.store.clock().stop();
    office.create("company", AUTH_TYPE, true).await;
    office.send().await;
    for passes in [TimeDelta::minutes(4), TimeDelta::days(1)] {
        let (asked, _) = office.ask(passes).await;
        assert_eq!(asked, 1, "{passes}");
    }
}
