//! One run of a source, from the first question to the last row.

mod ending;

use std::collections::HashMap;
use std::time::Duration;

use entity::directory_run;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep};

use super::apply::{Application, ApplyError};
use super::changes::{changes, intended};
use super::facts::Facts;
use super::here::here;
use super::lease::{LEASE, RENEWAL, is_held_by_events, lease_of};
use super::plan::Counts;
use super::planning::{Planned, Planning, PlanningError};
use super::read::read;
use super::source::Source;
use super::{Finding, FindingKind, Hand, Progress};
use crate::clock::Clock;
use crate::domain::organisation::ReadError;
use crate::store::{NewRun, Owner, Store, StoreError};

/// How often a run says how far it is, and hears whether it is to end.
const TELLING: Duration = Duration::from_secs(1);
/// How often, and how many times, a run looks whether a batch of events is over.
const WAIT: Duration = Duration::from_millis(100);
const WAITS: u32 = 100;

/// What a run is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// To see what would be done.
    Preview,
    /// To do it. Somebody may have agreed to more than the safety limit lets, by its fingerprint.
    Run {
        /// What was agreed to.
        agreed: Option<String>,
    },
}

/// Why no run begins.
#[derive(Debug, thiserror::Error)]
pub enum BeginError {
    /// One is under way, here or in another process.
    #[error("a run of this source is under way")]
    UnderWay,
    /// It could not be recorded.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why a run ends before its end.
#[derive(Debug, thiserror::Error)]
enum RunError {
    #[error("{0}")]
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

/// A run that has begun and has the lease.
pub struct Run<'a> {
    store: &'a Store,
    clock: &'a Clock,
    /// Its row.
    pub row: directory_run::Model,
    purpose: Purpose,
    lease: String,
    holder: String,
    progress: Progress,
}

/// What a run has come to.
#[derive(Default)]
struct Tally {
    counts: Counts,
    findings: Vec<Finding>,
    names: HashMap<super::Key, String>,
    fingerprint: Option<String>,
    exceeds: bool,
}

impl<'a> Run<'a> {
    /// Begins a run of a source, if none is under way.
    pub async fn begin(
        store: &'a Store,
        clock: &'a Clock,
        source_id: i64,
        purpose: Purpose,
        requested_by_id: Option<i64>,
    ) -> Result<Self, BeginError> {
        let lease = lease_of(source_id);
        let holder = hex::encode(rand::random::<[u8; 16]>());
        let mut waited = 0;
        while !store.take_lease(&lease, &holder, LEASE).await? {
            if waited == WAITS || !is_held_by_events(store, source_id).await? {
                return Err(BeginError::UnderWay);
            }
            waited += 1;
            sleep(WAIT).await;
        }
        let kind = match purpose {
            Purpose::Preview => "preview",
            Purpose::Run { .. } => "run",
        };
        let new = NewRun {
            source_id,
            kind,
            requested_by_id,
        };
        let row = match store.begin_directory_run(new).await {
            Ok(row) => row,
            Err(error) => {
                let _ = store.release_lease(&lease, &holder).await;
                return Err(error.into());
            }
        };
        Ok(Self {
            store,
            clock,
            row,
            purpose,
            lease,
            holder,
            progress: Progress::default(),
        })
    }

    /// What it is for.
    pub fn purpose(&self) -> &Purpose {
        &self.purpose
    }

    /// Goes through with it, and records how it ended. `hand` does the steps, until `is_ending` says that
    /// there is no more time.
    pub async fn go(
        self,
        source: &Source,
        hand: &dyn Hand,
        is_ending: impl Fn() -> bool,
    ) -> &'static str {
        let mut result = Tally::default();
        let outcome = tokio::select! {
            outcome = self.work(source, hand, &mut result) => outcome,
            stop = self.keep(is_ending) => Err(stop),
        };
        self.end(outcome, result).await
    }

    /// Records that it could not even begin.
    pub async fn fail(self, why: &str) -> &'static str {
        let finding = Finding::new(FindingKind::ReadFailed).with(why);
        let result = Tally {
            findings: vec![finding],
            ..Tally::default()
        };
        self.end(Err(RunError::Read(ReadError::Failed(why.into()))), result)
            .await
    }

    /// Renews the lease and tells how far it is, until there is a reason to stop.
    async fn keep(&self, is_ending: impl Fn() -> bool) -> RunError {
        let mut ticks = interval(TELLING);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut renewed = Instant::now();
        loop {
            ticks.tick().await;
            if is_ending() {
                return RunError::Ending;
            }
            if renewed.elapsed() >= RENEWAL {
                match self
                    .store
                    .take_lease(&self.lease, &self.holder, LEASE)
                    .await
                {
                    Ok(true) => renewed = Instant::now(),
                    Ok(false) => return RunError::LeaseLost,
                    // It may be over before the database is back.
                    Err(_) if renewed.elapsed() >= LEASE => return RunError::LeaseLost,
                    Err(error) => log::warn!("the lease of a run was not renewed: {error}"),
                }
            }
            let (phase, done, total) = self.progress.read();
            let told = self
                .store
                .tell_directory_run(self.row.id, phase.name(), done, total);
            match told.await {
                Ok(false) => {}
                Ok(true) => return RunError::Cancelled,
                Err(error) => log::warn!("how far a run is was not recorded: {error}"),
            }
        }
    }

    async fn work(
        &self,
        source: &Source,
        hand: &dyn Hand,
        result: &mut Tally,
    ) -> Result<(), RunError> {
        let store = self.store;
        store.copy_new_accounts().await?;
        let directory = &*source.directory;
        let snapshot = read(directory, &source.options.departments, &self.progress).await;
        let snapshot = snapshot.map_err(RunError::Read)?;
        let local = here(store, source.id, hand).await?;
        let planning = Planning {
            facts: Facts {
                store,
                authenticator: &source.authenticator,
                options: &source.options,
                rules: &source.rules,
            },
            directory,
            source_id: source.id,
            acting: source.acting,
            local: local.as_ref().map(|local| &local.departments),
        };
        let agreed = match &self.purpose {
            Purpose::Preview => None,
            Purpose::Run { agreed } => agreed.as_deref(),
        };
        let planned = planning.plan(snapshot, agreed, &self.progress).await?;
        let Planned {
            plan,
            findings,
            names,
            removals,
            counts,
            exceeds,
        } = planned;
        result.findings = findings;
        if local.is_none() && source.options.follow_departments && store.owner() == Owner::NocoBase
        {
            let none = Finding::new(FindingKind::NoDepartments);
            result.findings.push(none);
        }
        result.names = names;
        result.exceeds = exceeds;
        result.fingerprint = exceeds.then(|| removals.fingerprint());
        store
            .add_directory_findings(self.row.id, changes(&plan))
            .await?;
        result.counts = Counts {
            people: counts.people,
            departments: counts.departments,
            ..Counts::default()
        };
        if self.purpose == Purpose::Preview || exceeds {
            result.counts = Counts {
                people: counts.people,
                departments: counts.departments,
                ..intended(&plan)
            };
            return Ok(());
        }
        let mut application = Application {
            store,
            clock: self.clock,
            hand,
            source_id: source.id,
            authenticator: &source.authenticator,
            acting: source.acting,
            cause: None,
            has_departments: local.is_some(),
            locals: local.map(|local| local.ids).unwrap_or_default(),
            counts: &mut result.counts,
            findings: &mut result.findings,
        };
        Ok(application.apply(plan, &self.progress).await?)
    }
}
