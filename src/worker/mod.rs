//! Workers: tasks that run in the background, beside requests.
//!
//! Each worker is a function that does one step, which is whatever is due now, and then returns. A
//! server calls it at an interval until it shuts down; a test calls it directly. A step that only
//! one process may do takes a lease first.

pub mod directory;
pub mod events;
pub mod forwarding;
pub mod messages;
pub mod renames;
mod stream;

use std::error::Error;
use std::pin::Pin;
use std::sync::{Arc, Weak};
use std::time::Duration;

use tokio::time::{MissedTickBehavior, interval};

use crate::chain::Chain;
use crate::state::AppState;

/// One step of a worker.
type Step = fn(Arc<AppState>) -> Pin<Box<dyn Future<Output = ()> + Send>>;

/// A worker and its interval.
struct Worker {
    /// The interval between two steps.
    every: Duration,
    step: Step,
}

/// All workers that only need a step at an interval.
const ALL: &[Worker] = &[
    Worker {
        every: Duration::from_secs(30),
        step: |app| Box::pin(directory::run_what_is_due(app)),
    },
    Worker {
        every: Duration::from_secs(30),
        step: |app| Box::pin(renames::finish(app)),
    },
    Worker {
        every: Duration::from_secs(5),
        step: |app| Box::pin(messages::send_waiting(app)),
    },
    Worker {
        every: Duration::from_secs(5),
        step: |app| Box::pin(messages::ask_outcomes(app)),
    },
    Worker {
        every: Duration::from_secs(5),
        step: |app| Box::pin(messages::tell_log(app)),
    },
    Worker {
        every: Duration::from_mins(10),
        step: |app| Box::pin(events::ask_for_missed(app)),
    },
    Worker {
        every: Duration::from_hours(24),
        step: |app| Box::pin(events::forget_old(app)),
    },
];

/// Starts all workers. They end when the application shuts down.
pub fn start(app: &Arc<AppState>) {
    for worker in ALL {
        tokio::spawn(again_and_again(worker, Arc::downgrade(app)));
    }
    tokio::spawn(events::keep_processing(Arc::downgrade(app)));
    tokio::spawn(stream::keep_listening(Arc::downgrade(app)));
    if app.config.gateway.is_on() {
        tokio::spawn(forwarding::keep_sending(Arc::downgrade(app)));
    }
}

/// Writes to the log that a step failed.
fn report(app: &AppState, what: &str, error: &(dyn Error + 'static)) {
    let level = app.level_of_failure(log::Level::Warn);
    log::log!(level, "{what}: {error}", error = Chain(error));
}

async fn again_and_again(worker: &Worker, app: Weak<AppState>) {
    let mut ticks = interval(worker.every);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        match app.upgrade().filter(|app| !app.is_ending()) {
            Some(app) => (worker.step)(app).await,
            None => return,
        }
    }
}
