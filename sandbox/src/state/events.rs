//! The events that were sent, what became of each, and how patient the sender is.

use std::{
    collections::{BTreeMap, VecDeque},
    time::Duration,
};

use serde::{Deserialize, Serialize};

use crate::state::{chance::Chance, event::Event};

/// Deliveries that are kept; the oldest is forgotten first, even if it is still on its way.
const MOST_KEPT: usize = 50_000;

/// Entries of the list of failed callbacks, of each application.
const MOST_FAILED: usize = 10_000;

/// How the sender behaves. Times are in milliseconds; a test makes them short.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct EventSettings {
    /// Pause before the first attempt.
    pub delay_ms: u64,
    /// Up to so much is added to that pause, by chance: events then arrive in any order.
    pub jitter_ms: u64,
    /// How often each event is sent beyond the first time, under the same identifier.
    pub duplicates: u32,
    /// Stream: how long an acknowledgement is waited for, and the pause before an event is sent again. A comment in
    /// DingTalk's Node SDK says about a minute.
    pub redelivery_ms: u64,
    /// Stream: how often an event is sent before it is given up. Not known of the real one.
    pub most_attempts: u32,
    /// Stream: how long an event waits for a connection. Not known of the real one.
    pub keep_ms: u64,
    /// Stream: how often a connection is asked whether it is there.
    pub ping_ms: u64,
    /// Stream: how long a connection stays open after it was told to go.
    pub goodbye_ms: u64,
    /// Callback: how long an answer is waited for.
    pub answer_ms: u64,
    /// Callback: the pauses before the second attempt, the third and so on.
    pub retries_ms: Vec<u64>,
}

impl Default for EventSettings {
    fn default() -> Self {
        Self {
            delay_ms: 0,
            jitter_ms: 0,
            duplicates: 0,
            redelivery_ms: 60_000,
            most_attempts: 10,
            keep_ms: 600_000,
            ping_ms: 10_000,
            goodbye_ms: 10_000,
            answer_ms: 1_500,
            retries_ms: vec![10_000, 30_000],
        }
    }
}

/// Where an event stands.
#[derive(Clone, Copy, Serialize, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub enum Outcome {
    /// Sent, or to be sent again.
    OnItsWay,
    /// The application said that it has it.
    Acknowledged,
    /// Given up.
    Failed,
}

/// An event and one application that gets it.
#[derive(Clone)]
pub struct Delivery {
    /// The event.
    pub event: Event,
    /// The application.
    pub client_id: String,
    /// How often it was sent.
    pub attempts: u32,
    /// Where it stands.
    pub outcome: Outcome,
}

/// A delivery as the control API shows it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Row<'a> {
    event_id: &'a str,
    event_type: &'a str,
    client_id: &'a str,
    attempts: u32,
    outcome: Outcome,
}

/// What became of each event.
pub struct Events {
    /// How the sender behaves.
    pub settings: EventSettings,
    deliveries: BTreeMap<u64, Delivery>,
    next: u64,
    failed_callbacks: BTreeMap<String, VecDeque<Event>>,
    chance: Chance,
}

impl Default for Events {
    fn default() -> Self {
        Self {
            settings: EventSettings::default(),
            deliveries: BTreeMap::new(),
            next: 0,
            failed_callbacks: BTreeMap::new(),
            chance: Chance::of_seed(0),
        }
    }
}

impl Events {
    /// Goes on counting where others stopped, so that whoever still works for one of them finds nothing.
    pub fn continue_numbers_of(&mut self, before: &Self) {
        self.next = before.next;
    }

    /// Notes that an event is to be sent; gives the number of the delivery.
    pub fn begin(&mut self, event: Event, client_id: &str) -> u64 {
        let number = self.next;
        self.next += 1;
        let delivery = Delivery {
            event,
            client_id: client_id.to_owned(),
            attempts: 0,
            outcome: Outcome::OnItsWay,
        };
        self.deliveries.insert(number, delivery);
        while self.deliveries.len() > MOST_KEPT {
            self.deliveries.pop_first();
        }
        number
    }

    /// The pause before the first attempt of a delivery.
    pub fn pause(&mut self) -> Duration {
        let jitter = usize::try_from(self.settings.jitter_ms).unwrap_or(usize::MAX);
        let jitter = self.chance.below(jitter.saturating_add(1));
        let jitter = u64::try_from(jitter).unwrap_or_default();
        Duration::from_millis(self.settings.delay_ms.saturating_add(jitter))
    }

    /// A delivery that is still on its way.
    pub fn on_its_way(&self, number: u64) -> Option<&Delivery> {
        let delivery = self.deliveries.get(&number)?;
        (delivery.outcome == Outcome::OnItsWay).then_some(delivery)
    }

    /// Notes how an attempt through the Stream ended; gives the pause before the next one, if there is one.
    pub fn streamed(&mut self, number: u64, accepted: bool) -> Option<Duration> {
        let most = self.settings.most_attempts;
        let pause = Duration::from_millis(self.settings.redelivery_ms);
        let attempts = self.ended(number, accepted)?;
        if attempts < most {
            return Some(pause);
        }
        self.give_up(number);
        None
    }

    /// Notes how a callback ended; gives the pause before the next one, if there is one.
    pub fn called_back(&mut self, number: u64, accepted: bool) -> Option<Duration> {
        let attempts = self.ended(number, accepted)?;
        let retry = usize::try_from(attempts).ok()?.checked_sub(1)?;
        let pause = self.settings.retries_ms.get(retry).copied();
        if pause.is_none() {
            self.give_up(number);
            let delivery = self.deliveries.get(&number)?;
            let failed = self
                .failed_callbacks
                .entry(delivery.client_id.clone())
                .or_default();
            failed.push_back(delivery.event.clone());
            if failed.len() > MOST_FAILED {
                failed.pop_front();
            }
        }
        pause.map(Duration::from_millis)
    }

    fn ended(&mut self, number: u64, accepted: bool) -> Option<u32> {
        let delivery = self.deliveries.get_mut(&number)?;
        delivery.attempts += 1;
        if accepted {
            delivery.outcome = Outcome::Acknowledged;
            return None;
        }
        Some(delivery.attempts)
    }

    /// Ends a delivery that is not acknowledged.
    pub fn give_up(&mut self, number: u64) {
        if let Some(delivery) = self.deliveries.get_mut(&number) {
            delivery.outcome = Outcome::Failed;
        }
    }

    /// Takes failed callbacks of an application, the oldest first; tells whether there are more.
    pub fn take_failed(&mut self, client_id: &str, most: usize) -> (Vec<Event>, bool) {
        let Some(failed) = self.failed_callbacks.get_mut(client_id) else {
            return (Vec::new(), false);
        };
        let taken = failed.drain(..most.min(failed.len())).collect();
        (taken, !failed.is_empty())
    }

    /// All that are kept, the oldest first.
    pub fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        self.deliveries.values().map(|delivery| Row {
            event_id: &delivery.event.id,
            event_type: &delivery.event.happening.event_type,
            client_id: &delivery.client_id,
            attempts: delivery.attempts,
            outcome: delivery.outcome,
        })
    }
}
