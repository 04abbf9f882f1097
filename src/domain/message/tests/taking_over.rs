//! When another process takes messages over whose process says nothing any more.

use std::sync::Mutex;

use async_trait::async_trait;
use chrono::TimeDelta;
use entity::message::State;
use entity::user_authenticator;

use super::{bound, message, sending};
use crate::domain::message::{
    Accepted, Failed, Message, MessageOutcome, Messenger, Reason, SendError,
};
use crate::domain::test_installation::TestInstallation;
use crate::store::Store;

/// A provider that takes a message for one person at a time. At each moment in which it is asked
/// something, it looks at the messages that another process would take over two minutes later.
struct Watching<'a> {
    store: &'a Store,
    seen: Mutex<Vec<Vec<State>>>,
}

impl Watching<'_> {
    async fn due(&self) -> Vec<State> {
        let mut due = self.store.due_messages(State::Claimed, 10).await.unwrap();
        due.extend(self.store.due_messages(State::Sending, 10).await.unwrap());
        due.iter().map(|row| row.state).collect()
    }

    async fn look(&self) {
        let (clock, moment) = (self.store.clock(), TimeDelta::milliseconds(1));
        clock.advance(TimeDelta::minutes(2) - moment);
        assert_eq!(self.due().await, [], "nobody else takes them over");
        clock.advance(moment);
        let due = self.due().await;
        clock.advance(-TimeDelta::minutes(2));
        self.seen.lock().unwrap().push(due);
    }
}

#[async_trait]
impl Messenger for Watching<'_> {
    fn most_receivers(&self) -> usize {
        100
    }

    fn drops_repetitions(&self) -> bool {
        false
    }

    async fn receiver(
        &self,
        binding: &user_authenticator::Model,
    ) -> Result<Option<String>, SendError> {
        Ok(Some(binding.uuid.clone()))
    }

    async fn turn(&self, _: usize) -> Result<(), SendError> {
        self.look().await;
        Ok(())
    }

    async fn send(
        &self,
        _: &Message,
        _: usize,
        receivers: &[String],
    ) -> Result<Accepted, SendError> {
        self.look().await;
        if receivers.len() > 1 {
            let (failed, reason) = (Failed::UnknownReceivers, Reason::UnknownReceiver);
            return Err(SendError::new(failed, reason, "nobody is known"));
        }
        Ok(Accepted::default())
    }

    async fn ready(&self) -> Result<(), SendError> {
        Ok(())
    }

    async fn outcome(&self, _: &str) -> Result<MessageOutcome, SendError> {
        Ok(MessageOutcome::default())
    }
}

#[tokio::test]
async fn nobody_else_takes_a_message_over_for_two_minutes_after_each_step_of_its_way() {
    let installation = TestInstallation::new().await;
    let store = &installation.store;
    store.clock().stop();
    let accounts = [
        bound(&installation, "lina").await,
        bound(&installation, "omar").await,
    ];
    let watching = Watching {
        store,
        seen: Mutex::default(),
    };
    let message = message();
    let sending = sending(store, store.clock(), &watching, &message);
    let (_, deliveries) = sending.deliver(&accounts).await.unwrap();
    assert!(deliveries.iter().all(|one| one.state == State::Sent));
    let (claimed, called) = (State::Claimed, State::Sending);
    let expected = [
        vec![claimed, claimed],
        vec![called, called],
        // Each of them is tried alone.
        vec![claimed, claimed],
        vec![claimed, called],
        vec![claimed],
        vec![called],
    ];
    assert_eq!(*watching.seen.lock().unwrap(), expected);
}
