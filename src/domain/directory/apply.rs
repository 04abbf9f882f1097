//! Applying a plan, and remembering what was done, step by step.
//!
//! What is remembered follows what is done, so a run that is cut off anywhere is taken up by the next one:
//! whatever is not remembered is planned again, and doing it again changes nothing.

mod departments;
mod leavers;
mod memberships;
mod people;

use std::collections::HashMap;

use super::plan::{Counts, DepartmentsPlan, Leaver, PersonChange};
use super::{Finding, FindingKind, Hand, Key, Outcome, Phase, Progress, Severity, Step, StepError};
use crate::clock::Clock;
use crate::store::{NewAuditRow, Store, StoreError};

/// Everything that is to be done.
#[derive(Debug, Default)]
pub struct Plan {
    /// Departments to be made, changed and removed.
    pub departments: DepartmentsPlan,
    /// People for whom something is to be done.
    pub people: Vec<PersonChange>,
    /// People who are gone.
    pub leavers: Vec<Leaver>,
}

/// Why a run ends before its end.
#[derive(Debug, thiserror::Error)]
pub enum ApplyError {
    /// A step failed in a way that concerns all others.
    #[error(transparent)]
    Step(#[from] StepError),
    /// What was done could not be remembered.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Applies one plan.
pub struct Application<'a> {
    /// Where is remembered what was done.
    pub store: &'a Store,
    /// The time.
    pub clock: &'a Clock,
    /// Who does it.
    pub hand: &'a dyn Hand,
    /// The source.
    pub source_id: i64,
    /// Name of its authenticator.
    pub authenticator: &'a str,
    /// The account that it acts as.
    pub acting: i64,
    /// What the audit trail says that it is done for; nothing for a run of all.
    pub cause: Option<&'a str>,
    /// Whether there are departments here.
    pub has_departments: bool,
    /// Ids of departments here.
    pub locals: HashMap<Key, i64>,
    /// How many are done of each kind.
    pub counts: &'a mut Counts,
    /// What people should know.
    pub findings: &'a mut Vec<Finding>,
}

impl Application<'_> {
    /// Applies the plan. Nobody is taken out or removed when anything before it failed.
    pub async fn apply(&mut self, plan: Plan, progress: &Progress) -> Result<(), ApplyError> {
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

    /// Whether anything could not be done.
    pub fn has_errors(&self) -> bool {
        let mut kinds = self.findings.iter().map(|finding| finding.kind.severity());
        kinds.any(|severity| severity == Severity::Error)
    }

    /// Does steps of which none needs another, as many at once as the hand likes. Gives what has become of
    /// each; an error when it is of no use to go on.
    async fn steps(&self, steps: &[Step]) -> Result<Vec<Result<Outcome, StepError>>, ApplyError> {
        let mut outcomes = Vec::with_capacity(steps.len());
        for batch in steps.chunks(self.hand.batch().max(1)) {
            for outcome in self.hand.apply(batch).await {
                match outcome {
                    Err(error) if error.concerns_all() => return Err(error.into()),
                    outcome => outcomes.push(outcome),
                }
            }
        }
        Ok(outcomes)
    }

    /// Does one step. Nothing when it failed, which is a finding then.
    async fn one(
        &mut self,
        step: Step,
        about: impl Fn(Finding) -> Finding,
    ) -> Result<Option<Outcome>, ApplyError> {
        let outcome = self.steps(&[step]).await?.pop();
        match outcome.unwrap_or(Ok(Outcome::Done)) {
            Ok(outcome) => Ok(Some(outcome)),
            Err(error) => {
                self.findings.push(about(failure(&error)));
                Ok(None)
            }
        }
    }

    /// A row of the audit trail.
    fn audit(&self, action: &'static str, account: i64) -> NewAuditRow {
        NewAuditRow {
            action,
            result: "success",
            reason: None,
            user_id: Some(account),
            actor_id: Some(self.acting),
            authenticator: Some(self.authenticator.to_owned()),
            address: String::new(),
            user_agent: None,
            request_id: self.cause.map(str::to_owned),
        }
    }
}

/// What a step that failed is to people.
fn failure(error: &StepError) -> Finding {
    use crate::domain::profile::Field;
    let kind = match error {
        StepError::Taken(Field::Email) => FindingKind::EmailTaken,
        StepError::Taken(Field::Phone) => FindingKind::PhoneTaken,
        StepError::BoundToAnother => FindingKind::BoundToAnother,
        StepError::Protected => FindingKind::LeaverKept,
        _ => FindingKind::StepFailed,
    };
    Finding::new(kind).with(error.to_string())
}
