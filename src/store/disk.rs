//! Whether the database can be written.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use sea_orm::DbErr;

use super::failure::{DiskProblem, disk_problem};
use super::{Result, Store};
use crate::chain::Chain;

/// How often the log says that it cannot: every request would.
const EVERY: Duration = Duration::from_mins(1);
/// How long nothing may have failed before a write that succeeds says that all is well: where there is hardly any
/// room some do.
const CALM: Duration = Duration::from_secs(10);

/// What the last writes came to.
#[derive(Default)]
pub struct Disk {
    is_failing: AtomicBool,
    times: Mutex<Times>,
}

#[derive(Default)]
struct Times {
    failed: Option<Instant>,
    said: Option<Instant>,
}

impl Disk {
    /// Hears how something ended that the database was asked for.
    pub(super) fn observe<T>(
        &self,
        outcome: std::result::Result<T, DbErr>,
    ) -> std::result::Result<T, DbErr> {
        if let Err(error) = &outcome
            && let Some(problem) = disk_problem(error)
        {
            self.is_failing.store(true, Ordering::Relaxed);
            self.fails(problem, error);
        }
        outcome
    }

    fn fails(&self, problem: DiskProblem, error: &DbErr) {
        let now = Instant::now();
        let mut times = self.times();
        times.failed = Some(now);
        if times.said.is_some_and(|said| now - said < EVERY) {
            return;
        }
        times.said = Some(now);
        let advice = match problem {
            DiskProblem::Full => "make room where the database is",
            DiskProblem::Fails => "look at the system's log, and at the database with `doctor`",
        };
        log::error!(
            "{problem}: {advice}; until then nothing is saved, people are told so, and it goes on by itself ({error})",
            error = Chain(error)
        );
    }

    /// Hears that something was written.
    pub(super) fn wrote(&self) {
        if self.is_failing() && self.times().failed.is_none_or(|at| at.elapsed() > CALM) {
            self.works();
        }
    }

    fn works(&self) {
        if self.is_failing.swap(false, Ordering::Relaxed) {
            log::info!("the database can be written again");
        }
    }

    fn is_failing(&self) -> bool {
        self.is_failing.load(Ordering::Relaxed)
    }

    fn times(&self) -> MutexGuard<'_, Times> {
        self.times.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Store {
    /// Whether the database can be written, as far as anybody has seen. When the last writes failed, it is tried with
    /// more than any request writes: a few bytes find room where an account does not.
    pub async fn check_writing(&self) -> Result<()> {
        let disk = &self.connection.connection.disk;
        if disk.is_failing() {
            self.fill_states().await?;
            disk.works();
            self.remove_old_states().await?;
        }
        Ok(())
    }
}
