//! Settles an event after it was processed: it is done, ignored, postponed or failed.

use std::error::Error;

use chrono::TimeDelta;
use entity::event::{self, State};

use crate::domain::directory::partial::{PartialError, Settled};
use crate::state::AppState;
use crate::store::{StoreError, redacted};
use crate::worker::report;

/// The first pause after a failure; it doubles each time.
const FIRST_PAUSE: TimeDelta = TimeDelta::seconds(10);
/// How often the pause doubles: up to a little more than an hour.
const DOUBLINGS: i64 = 9;
/// How long a failing event is retried.
const TRIED: TimeDelta = TimeDelta::days(1);
/// The pauses before an event is processed again when the provider does not show its change yet.
/// After the last of them the event is ignored.
const UNCONFIRMED: [TimeDelta; 3] = [
    TimeDelta::seconds(2),
    TimeDelta::seconds(15),
    TimeDelta::seconds(60),
];

/// The outcome of processing an event.
#[derive(Clone, Debug)]
pub enum EventOutcome {
    /// The event was processed, with this result.
    Settled(Settled),
    /// Processing failed for this reason and can be retried.
    Failed(String),
}

impl EventOutcome {
    /// The outcome for one person or department. An error goes to the log.
    pub fn of(app: &AppState, outcome: Result<Settled, PartialError>) -> Self {
        match outcome {
            Ok(settled) => Self::Settled(settled),
            Err(error) => Self::Failed(reported(app, "an event was not processed", &error)),
        }
    }
}

/// Writes an error to the log with all that led to it, and returns the text for the event's row,
/// which leaves out what the database says.
pub fn reported(app: &AppState, what: &str, error: &(dyn Error + 'static)) -> String {
    report(app, what, error);
    redacted(error)
}

/// Of two outcomes for one event, returns the one that needs more to be done.
pub fn worse(one: EventOutcome, other: EventOutcome) -> EventOutcome {
    let rank = |outcome: &EventOutcome| match outcome {
        EventOutcome::Settled(Settled::Ignored(_)) => 0,
        EventOutcome::Settled(Settled::Done(None)) => 1,
        EventOutcome::Settled(Settled::Done(Some(_))) => 2,
        EventOutcome::Settled(Settled::NotYet) => 3,
        EventOutcome::Settled(Settled::Everything) => 4,
        EventOutcome::Failed(_) => 5,
    };
    if rank(&other) > rank(&one) {
        other
    } else {
        one
    }
}

/// Records the outcome of an event. Returns true when the event needs a full run.
pub async fn settle(
    app: &AppState,
    event: &event::Model,
    outcome: &EventOutcome,
) -> Result<bool, StoreError> {
    let store = &app.store;
    let end = async |state: State, why: Option<String>| {
        app.metrics.events.settled(state);
        store.end_event(event.id, state, why).await
    };
    match outcome {
        EventOutcome::Settled(Settled::Everything) => return Ok(true),
        EventOutcome::Settled(Settled::Done(note)) => {
            end(State::Done, note.clone()).await?;
        }
        EventOutcome::Settled(Settled::Ignored(why)) => {
            end(State::Ignored, Some((*why).to_owned())).await?;
        }
        EventOutcome::Settled(Settled::NotYet) => {
            let tried = usize::try_from(event.attempts).unwrap_or(usize::MAX);
            if let Some(pause) = UNCONFIRMED.get(tried) {
                let due = app.clock.now() + *pause;
                store.postpone_event(event.id, due, None).await?;
            } else {
                let why = "the provider does not confirm it".to_owned();
                end(State::Ignored, Some(why)).await?;
            }
        }
        EventOutcome::Failed(why) => {
            let now = app.clock.now();
            if now - event.received_at >= TRIED {
                log::error!(
                    "event {} of a directory failed for a day: {why}",
                    event.event_id
                );
                end(State::Failed, Some(why.clone())).await?;
            } else {
                let doublings = u32::try_from(event.attempts.clamp(0, DOUBLINGS)).unwrap_or(0);
                let due = now + FIRST_PAUSE * 2_i32.pow(doublings);
                store
                    .postpone_event(event.id, due, Some(why.clone()))
                    .await?;
            }
        }
    }
    Ok(false)
}
