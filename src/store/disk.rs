//! Whether the database can be written.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use sea_orm::DbErr;

use super::failure::{DiskProblem, disk_problem};
use super::{Result, Store};
use crate::chain::Chain;

/// How often the log reports that the database cannot be written. Otherwise each request would
/// report it.
const EVERY: Duration = Duration::from_mins(1);
/// How long no write may have failed before a successful one counts as recovery. When the disk is
/// almost full, some writes still succeed.
const CALM: Duration = Duration::from_secs(10);

/// The outcome of the last writes.
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
    /// Notes the outcome of a database call.
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

    /// Notes that a write succeeded.
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
    /// Whether the database can be written, judging by the last writes. If they failed, this writes
    /// more than any request does, because a few bytes may fit where an account does not.
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
