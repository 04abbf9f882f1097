//! Applies a plan, and records step by step what was done.
//!
//! Each record follows its step. If a run is interrupted, the next one plans again whatever is not
//! recorded, and repeated steps change nothing.

mod departments;
mod leavers;
mod memberships;
mod people;

use std::collections::HashMap;

use super::findings::RunFindings;
use super::plan::{Counts, DepartmentsPlan, Leaver, PersonChange};
use super::{
    Finding, FindingKind, Key, Phase, Progress, Step, StepError, StepExecutor, StepOutcome,
};
use crate::clock::Clock;
use crate::domain::audit::Action;
use crate::domain::lease::HeldLease;
use crate::store::{NewAuditRow, Store, StoreError, redacted};

/// A plan: everything that has to change.
#[derive(Debug, Default)]
pub struct Plan<P> {
    /// Departments to create, change and remove.
    pub departments: DepartmentsPlan,
    /// People whose accounts or records have to change.
    pub people: P,
    /// People who are gone.
    pub leavers: Vec<Leaver>,
}

/// Why a plan could not be applied to its end.
#[derive(Debug, thiserror::Error)]
pub enum ApplyError {
    /// A step failed in a way in which all others would fail.
    #[error(transparent)]
    Step(#[from] StepError),
    /// The database failed, so that what was done could not be recorded.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Applies one plan.
pub struct PlanApplication<'a, 'f> {
    /// Records what was done.
    pub store: &'a Store,
    /// The current time.
    pub clock: &'a Clock,
    /// Applies the steps.
    pub executor: &'a dyn StepExecutor,
    /// The lease of the source. No step is applied while another process may have it.
    pub held: &'a HeldLease<'a>,
    /// The id of the source.
    pub source_id: i64,
    /// The name of the authenticator of the source.
    pub authenticator: &'a str,
    /// The account that the source acts as.
    pub acting: i64,
    /// The cause that the audit trail names; none for a full run.
    pub cause: Option<&'a str>,
    /// Whether the executor has departments.
    pub has_departments: bool,
    /// The ids of departments on this server.
    pub locals: HashMap<Key, i64>,
    /// Counts what was done.
    pub counts: &'a mut Counts,
    /// Collects findings.
    pub findings: &'a mut RunFindings<'f>,
}

impl PlanApplication<'_, '_> {
    /// Applies the plan. After any error, nobody loses access and nothing is removed, because the
    /// error may come from an organization that was read incompletely.
    pub async fn apply<P>(&mut self, plan: Plan<P>, progress: &Progress) -> Result<(), ApplyError>
    where
        P: ExactSizeIterator<Item = PersonChange> + Send,
    {
        let Plan {
            departments,
            people,
            leavers,
        } = plan;
        progress.begin(Phase::Apply, people.len() + leavers.len());
        self.departments(departments.changes).await?;
        self.people(people, progress).await?;
        if self.has_errors() {
            return Ok(());
        }
        self.leavers(leavers, progress).await?;
        if self.has_errors() {
            return Ok(());
        }
        self.removals(departments.removals).await
    }

    fn has_errors(&self) -> bool {
        self.findings.errors > 0
    }

    /// Applies steps that do not depend on each other, in batches of the size that the executor wants.
    async fn steps(&self, steps: &[Step]) -> Outcomes {
        let mut all = Vec::with_capacity(steps.len());
        let mut ended = None;
        for batch in steps.chunks(self.executor.batch().max(1)) {
            self.held.until_certain().await;
            for outcome in self.executor.apply(batch).await {
                match outcome {
                    Err(error) if error.concerns_all() => {
                        ended.get_or_insert(error);
                        all.push(None);
                    }
                    outcome => all.push(Some(outcome)),
                }
            }
            if ended.is_some() {
                break;
            }
        }
        all.resize_with(steps.len(), || None);
        let ended = ended.map_or(Ok(()), |error| Err(error.into()));
        Outcomes { all, ended }
    }

    /// Applies one step. Returns none when it failed, and adds a finding about that.
    async fn one(
        &mut self,
        step: Step,
        about: impl Fn(Finding) -> Finding,
    ) -> Result<Option<StepOutcome>, ApplyError> {
        let mut done = self.steps(&[step]).await;
        done.ended?;
        match done.all.pop().flatten().unwrap_or(Ok(StepOutcome::Done)) {
            Ok(outcome) => Ok(Some(outcome)),
            Err(error) => {
                self.findings.push(about(failure(&error)));
                Ok(None)
            }
        }
    }

    /// Creates a row of the audit trail.
    fn audit(&self, action: Action, account: i64) -> NewAuditRow {
        NewAuditRow {
            action: action.name(),
            result: "success",
            reason: None,
            user_id: Some(account),
            person_id: None,
            person_name: None,
            actor_id: Some(self.acting),
            authenticator: Some(self.authenticator.to_owned()),
            address: String::new(),
            user_agent: None,
            request_id: self.cause.map(str::to_owned),
        }
    }
}

/// The results of steps that were applied together.
struct Outcomes {
    /// The result of each step, in their order; none where nobody knows whether it was applied.
    all: Vec<Option<Result<StepOutcome, StepError>>>,
    /// An error when the run has to stop.
    ended: Result<(), ApplyError>,
}

/// The finding for a failed step.
fn failure(error: &StepError) -> Finding {
    use crate::domain::profile::Field;
    let kind = match error {
        StepError::Taken(Field::Email) => FindingKind::EmailTaken,
        StepError::Taken(Field::Phone) => FindingKind::PhoneTaken,
        StepError::BoundToAnother => FindingKind::BoundToAnother,
        StepError::Protected => FindingKind::LeaverKept,
        _ => FindingKind::StepFailed,
    };
    Finding::new(kind).with(redacted(error))
}
