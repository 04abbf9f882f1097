//! What runs beside requests.
//!
//! Each worker is a function that does one step: what is due now, and no more. A test calls it; in a
//! server it is called again and again until the server ends. What only one process may do, a step takes
//! a lease for.

pub mod directory;
pub mod events;
pub mod messages;
pub mod mirror;

use std::pin::Pin;
use std::sync::{Arc, Weak};
use std::time::Duration;

use tokio::time::{MissedTickBehavior, interval};

use crate::state::AppState;

/// One step of a worker.
type Step = fn(Arc<AppState>) -> Pin<Box<dyn Future<Output = ()> + Send>>;

/// Something that runs beside requests.
struct Worker {
    /// How often there is a step.
    every: Duration,
    step: Step,
}

/// All of them.
const ALL: &[Worker] = &[
    Worker {
        every: Duration::from_secs(30),
        step: |app| Box::pin(directory::run_what_is_due(app)),
    },
    Worker {
        every: Duration::from_secs(5),
        step: |app| Box::pin(messages::follow_up(app)),
    },
    Worker {
        every: Duration::from_secs(1),
        step: |app| Box::pin(events::work_off(app)),
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

/// Starts all workers. They end with the application.
pub fn start(app: &Arc<AppState>) {
    for worker in ALL {
        tokio::spawn(again_and_again(worker, Arc::downgrade(app)));
    }
    if app.config.gateway.is_on() {
        tokio::spawn(mirror::keep_sending(Arc::downgrade(app)));
    }
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
