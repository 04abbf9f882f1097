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

use crate::background_task::keep;
use crate::chain::Chain;
use crate::state::AppState;

/// One step of a worker.
type Step = fn(Arc<AppState>) -> Pin<Box<dyn Future<Output = ()> + Send>>;

/// A worker and its interval.
struct Worker {
    /// What the log calls it.
    name: &'static str,
    /// The interval between two steps.
    every: Duration,
    step: Step,
}

/// All workers that only need a step at an interval.
const ALL: &[Worker] = &[
    Worker {
        name: "the schedule of directories",
        every: Duration::from_secs(30),
        step: |app| Box::pin(directory::run_what_is_due(app)),
    },
    Worker {
        name: "the end of runs whose process is gone",
        every: Duration::from_secs(30),
        step: |app| Box::pin(directory::end_dead_runs(app)),
    },
    Worker {
        name: "the end of renames",
        every: Duration::from_secs(30),
        step: |app| Box::pin(renames::finish(app)),
    },
    Worker {
        name: "sending messages that wait",
        every: Duration::from_secs(5),
        step: |app| Box::pin(messages::send_waiting(app)),
    },
    Worker {
        name: "asking what became of messages",
        every: Duration::from_secs(5),
        step: |app| Box::pin(messages::ask_outcomes(app)),
    },
    Worker {
        name: "telling NocoBase's log of messages",
        every: Duration::from_secs(5),
        step: |app| Box::pin(messages::tell_log(app)),
    },
    Worker {
        name: "asking for missed callbacks",
        every: Duration::from_mins(10),
        step: |app| Box::pin(events::ask_for_missed(app)),
    },
    Worker {
        name: "removing old events",
        every: Duration::from_hours(24),
        step: |app| Box::pin(events::forget_old(app)),
    },
];

/// Starts all workers. They end when the application shuts down.
pub fn start(app: &Arc<AppState>) {
    for worker in ALL {
        keep(worker.name, app, move |app| again_and_again(worker, app));
    }
    keep("processing events", app, events::keep_processing);
    keep("the connection for events", app, stream::keep_listening);
    if app.config.gateway.is_on() {
        keep("forwarding messages", app, forwarding::keep_sending);
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
