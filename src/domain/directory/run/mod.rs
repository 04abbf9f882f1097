//! A run of a source, from taking the lease to recording its end.

mod dead;
mod ending;
mod telling;

pub use dead::end_dead_runs;

use std::collections::HashMap;
use std::error::Error;

use entity::directory_run::{self, Kind, State};

use super::apply::{ApplyError, PlanApplication};
use super::facts::Facts;
use super::findings::RunFindings;
use super::local_departments::here;
use super::plan::Counts;
use super::read::read;
use super::recent_removals::gone_lately;
use super::run_planner::{PlanningError, RunPlanner};
use super::source::Source;
use super::{Finding, FindingKind, Progress, StepExecutor};
use crate::clock::Clock;
use crate::domain::lease::{HeldLease, wait_for_events};
use crate::domain::organization::ReadError;
use crate::store::{NewRun, Owner, Store, StoreError};

/// The purpose of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// To compute what would be done.
    Preview,
    /// To do it.
    Run {
        /// The fingerprint of removals beyond the safety limit that an administrator has confirmed.
        agreed: Option<String>,
    },
    /// To do what events cannot do alone. Whoever was removed in the hour before counts towards the
    /// safety limit.
    Events,
}

/// Why a run could not begin.
#[derive(Debug, thiserror::Error)]
pub enum BeginError {
    /// Another run of this source is in progress, in this process or another.
    #[error("a run of this source is under way")]
    UnderWay,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why a run ended early.
#[derive(Debug, thiserror::Error)]
enum RunError {
    #[error(transparent)]
    Read(ReadError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Apply(#[from] ApplyError),
    #[error("somebody ended it")]
    Cancelled,
    #[error("another process took over")]
    LeaseLost,
    #[error("the server ends")]
    Ending,
}

impl From<PlanningError> for RunError {
    fn from(error: PlanningError) -> Self {
        match error {
            PlanningError::Store(error) => Self::Store(error),
            PlanningError::Read(error) => Self::Read(error),
        }
    }
}

/// A run that has begun and holds the lease.
pub struct Run<'a> {
    store: &'a Store,
    clock: &'a Clock,
    /// The row of the run.
    pub row: directory_run::Model,
    purpose: Purpose,
    held: HeldLease<'a>,
    progress: Progress,
}

/// The results that a run has collected so far.
#[derive(Default)]
struct RunResults<'a> {
    counts: Counts,
    findings: RunFindings<'a>,
    /// The fingerprint of what would be removed, if that exceeds the safety limit.
    exceeds: Option<String>,
}

impl<'a> Run<'a> {
    /// Begins a run of a source, unless one is in progress.
    pub async fn begin(
        store: &'a Store,
        clock: &'a Clock,
        source_id: i64,
        purpose: Purpose,
        requested_by_id: Option<i64>,
    ) -> Result<Self, BeginError> {
        let held = wait_for_events(store, source_id).await?;
        let held = held.ok_or(BeginError::UnderWay)?;
        let kind = match purpose {
            Purpose::Preview => Kind::Preview,
            Purpose::Run { .. } | Purpose::Events => Kind::Run,
        };
        let new = NewRun {
            source_id,
            kind,
            requested_by_id,
        };
        let row = match store.begin_directory_run(new).await {
            Ok(row) => row,
            Err(error) => {
                held.release().await;
                return Err(error.into());
            }
        };
        Ok(Self {
            store,
            clock,
            row,
            purpose,
            held,
            progress: Progress::default(),
        })
    }

    /// Prepares the run, which may take longer than the lease lasts: a NocoBase may be slow.
    pub async fn prepare<T>(&self, work: impl Future<Output = T>) -> T {
        self.held.renew_during(work).await
    }

    /// Does the run and records how it ended; returns its final state. `executor` applies the steps.
    /// The run stops when `is_ending` says that the server is shutting down.
    pub async fn go(
        self,
        source: &Source,
        executor: &dyn StepExecutor,
        is_ending: impl Fn() -> bool,
    ) -> State {
        let mut result = self.empty_results();
        let outcome = tokio::select! {
            outcome = self.work(source, executor, &mut result) => outcome,
            stop = self.tell(is_ending) => Err(stop),
            () = self.held.renew_until_lost() => Err(RunError::LeaseLost),
        };
        self.end(outcome, result).await
    }

    /// Records that the run failed before it could do anything.
    pub async fn fail(self, why: Box<dyn Error + Send + Sync>) -> State {
        let result = self.empty_results();
        let failed = RunError::Read(ReadError::Failed(why));
        self.end(Err(failed), result).await
    }

    fn empty_results(&self) -> RunResults<'a> {
        RunResults {
            findings: RunFindings::of_run(self.store, self.row.id),
            ..RunResults::default()
        }
    }

    async fn work(
        &self,
        source: &Source,
        executor: &dyn StepExecutor,
        result: &mut RunResults<'_>,
    ) -> Result<(), RunError> {
        let store = self.store;
        store.copy_new_accounts().await?;
        let directory = &*source.directory;
        let snapshot = read(directory, &source.options.departments, &self.progress).await;
        let snapshot = snapshot.map_err(RunError::Read)?;
        let local = here(store, source, executor).await?;
        let planning = RunPlanner {
            facts: Facts {
                store,
                source_id: source.id,
                authenticator: &source.authenticator,
                options: &source.options,
                rules: &source.rules,
            },
            directory,
            source_id: source.id,
            acting: source.acting,
            recent: match self.purpose {
                Purpose::Events => gone_lately(store, self.clock, source.id).await?,
                Purpose::Preview | Purpose::Run { .. } => 0,
            },
            here: local.as_ref(),
        };
        let agreed = match &self.purpose {
            Purpose::Preview | Purpose::Events => None,
            Purpose::Run { agreed } => agreed.as_deref(),
        };
        // Somebody agrees to what was told last, and not to what a run told long ago.
        let told = match agreed {
            Some(_) => store.newest_fingerprint(source.id).await?,
            None => None,
        };
        let agreed = agreed.filter(|agreed| told.as_deref() == Some(agreed));
        let findings = &mut result.findings;
        let planned = planning
            .plan(snapshot, agreed, &self.progress, findings)
            .await?;
        if local.is_none() && source.options.follow_departments && store.owner() == Owner::NocoBase
        {
            findings.push(Finding::new(FindingKind::NoDepartments));
        }
        let (people, departments) = (planned.counts.people, planned.counts.departments);
        result.exceeds = planned.exceeds;
        let is_only_told = self.purpose == Purpose::Preview || result.exceeds.is_some();
        result.counts = Counts {
            people,
            departments,
            ..if is_only_told {
                planned.intended
            } else {
                Counts::default()
            }
        };
        if is_only_told {
            return Ok(());
        }
        let mut application = PlanApplication {
            store,
            clock: self.clock,
            executor,
            held: &self.held,
            source_id: source.id,
            authenticator: &source.authenticator,
            acting: source.acting,
            cause: None,
            has_departments: local.is_some(),
            locals: local
                .as_ref()
                .map_or_else(HashMap::new, |local| local.ids.clone()),
            counts: &mut result.counts,
            findings: &mut result.findings,
        };
        Ok(application.apply(planned.plan, &self.progress).await?)
    }
}
