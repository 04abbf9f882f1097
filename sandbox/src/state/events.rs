//! The events that were sent, the state of each delivery, and the timing of the sender.

use std::{
    collections::{BTreeMap, VecDeque},
    time::Duration,
};

use serde::{Deserialize, Serialize};

use crate::state::{chance::Chance, event::Event};

/// The most deliveries that are kept. The oldest is removed first, even if it is not finished.
const MOST_KEPT: usize = 50_000;

/// The most entries in each application's list of failed callbacks.
const MOST_FAILED: usize = 10_000;

/// The timing of the sender, in milliseconds. Tests set short times.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct EventSettings {
    /// The pause before the first attempt.
    pub delay_ms: u64,
    /// A random time up to this one is added to that pause, so that events arrive in any order.
    pub jitter_ms: u64,
    /// How many additional times each event is sent, with the same event id.
    pub duplicates: u32,
    /// Stream: how long an acknowledgement is awaited, and the pause before an event is sent again.
    /// A comment in DingTalk's Node SDK says about a minute.
    pub redelivery_ms: u64,
    /// Stream: how often an event is sent before it is given up. The real value is not known.
    pub most_attempts: u32,
    /// Stream: how long an event waits for a connection. The real value is not known.
    pub keep_ms: u64,
    /// Stream: the interval of pings.
    pub ping_ms: u64,
    /// Stream: how long a connection stays open after it was asked to disconnect.
    pub goodbye_ms: u64,
    /// Stream: whether connections stay open without a word: nothing is sent over them, and nothing
    /// is answered.
    pub silent: bool,
    /// Stream: the address that is given with tickets. By default it is the sandbox's own.
    pub endpoint: Option<String>,
    /// Callback: how long an answer is awaited.
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
            silent: false,
            endpoint: None,
            answer_ms: 1_500,
            retries_ms: vec![10_000, 30_000],
        }
    }
}

/// The state of a delivery.
#[derive(Clone, Copy, Serialize, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub enum DeliveryOutcome {
    /// Sent, or waiting to be sent again.
    OnItsWay,
    /// The application has acknowledged the event.
    Acknowledged,
    /// The delivery was given up.
    Failed,
}

/// The delivery of an event to one application.
#[derive(Clone)]
pub struct Delivery {
    /// The event.
    pub event: Event,
    /// The application.
    pub client_id: String,
    /// The number of attempts.
    pub attempts: u32,
    /// How often the application has asked for the event at a later time.
    pub postponed: u32,
    /// The state.
    pub outcome: DeliveryOutcome,
}

/// A delivery, as the control API shows it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Row<'a> {
    event_id: &'a str,
    event_type: &'a str,
    client_id: &'a str,
    attempts: u32,
    postponed: u32,
    outcome: DeliveryOutcome,
}

/// All deliveries.
pub struct Events {
    /// The timing of the sender.
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
    /// Continues the numbers of former deliveries, so that tasks that still work on one of those do
    /// not find a new one.
    pub fn continue_numbers_of(&mut self, before: &Self) {
        self.next = before.next;
    }

    /// Adds a delivery and returns its number.
    pub fn begin(&mut self, event: Event, client_id: &str) -> u64 {
        let number = self.next;
        self.next += 1;
        let delivery = Delivery {
            event,
            client_id: client_id.to_owned(),
            attempts: 0,
            postponed: 0,
            outcome: DeliveryOutcome::OnItsWay,
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

    /// A delivery that is not finished.
    pub fn on_its_way(&self, number: u64) -> Option<&Delivery> {
        let delivery = self.deliveries.get(&number)?;
        (delivery.outcome == DeliveryOutcome::OnItsWay).then_some(delivery)
    }

    /// Records the end of an attempt on the Stream, and returns the pause before the next one, if
    /// there is one. The answer is none if the application gave none in time.
    pub fn streamed(&mut self, number: u64, answer: Option<bool>) -> Option<Duration> {
        if answer == Some(false)
            && let Some(delivery) = self.deliveries.get_mut(&number)
        {
            delivery.postponed += 1;
        }
        let accepted = answer == Some(true);
        let most = self.settings.most_attempts;
        let pause = Duration::from_millis(self.settings.redelivery_ms);
        let attempts = self.ended(number, accepted)?;
        if attempts < most {
            return Some(pause);
        }
        self.give_up(number);
        None
    }

    /// Records the end of a callback, and returns the pause before the next one, if there is one.
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
            delivery.outcome = DeliveryOutcome::Acknowledged;
            return None;
        }
        Some(delivery.attempts)
    }

    /// Ends a delivery that was not acknowledged.
    pub fn give_up(&mut self, number: u64) {
        if let Some(delivery) = self.deliveries.get_mut(&number) {
            delivery.outcome = DeliveryOutcome::Failed;
        }
    }

    /// Removes and returns failed callbacks of an application, the oldest first, and whether there
    /// are more.
    pub fn take_failed(&mut self, client_id: &str, most: usize) -> (Vec<Event>, bool) {
        let Some(failed) = self.failed_callbacks.get_mut(client_id) else {
            return (Vec::new(), false);
        };
        let taken = failed.drain(..most.min(failed.len())).collect();
        (taken, !failed.is_empty())
    }

    /// All kept deliveries, the oldest first.
    pub fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        self.deliveries.values().map(|delivery| Row {
            event_id: &delivery.event.id,
            event_type: &delivery.event.happening.event_type,
            client_id: &delivery.client_id,
            attempts: delivery.attempts,
            postponed: delivery.postponed,
            outcome: delivery.outcome,
        })
    }
}
