//! Applies changes to the accounts of people who are in the organization.

use super::super::changes::AccountEvent;
use super::super::plan::{AccountChange, PersonChange};
use super::super::{Finding, NewAccount, Progress, Step, StepError, StepOutcome};
use super::{ApplyError, Outcomes, PlanApplication, failure};
use crate::domain::audit::Action;
use crate::store::NewAuditRow;

/// How many people are processed together and recorded in one transaction.
const CHUNK: usize = 100;

/// A person whose changes are being applied.
pub(super) struct Current {
    pub change: PersonChange,
    /// The account, once it exists.
    pub account: Option<i64>,
    /// Whether something failed, so that the next run has to try again.
    pub failed: bool,
}

impl PlanApplication<'_, '_> {
    /// Creates, links and updates accounts, and changes memberships.
    pub(super) async fn people(
        &mut self,
        mut people: impl Iterator<Item = PersonChange> + Send,
        progress: &Progress,
    ) -> Result<(), ApplyError> {
        loop {
            let chunk = people.by_ref().take(CHUNK).map(|change| Current {
                account: change.account.account(),
                failed: false,
                change,
            });
            let mut chunk: Vec<_> = chunk.collect();
            if chunk.is_empty() {
                return Ok(());
            }
            self.intend(&chunk).await?;
            let done = match self.accounts(&mut chunk).await {
                Ok(()) => self.values(&mut chunk).await,
                error => error,
            };
            // What was done is recorded even when the run has to stop.
            self.remember(&chunk).await?;
            done?;
            if self.has_departments {
                self.memberships(&mut chunk).await?;
            }
            self.findings.record_much().await?;
            progress.advance(chunk.len());
        }
    }

    /// Records which accounts are about to be created, so that the next run finds them if this one
    /// is interrupted.
    async fn intend(&self, chunk: &[Current]) -> Result<(), ApplyError> {
        let now = self.clock.now();
        let new = chunk.iter().map(|one| &one.change);
        let new = new.filter(|change| change.account == AccountChange::Create);
        let rows = new.map(|change| {
            let mut row = change.row(self.source_id, None, &[], now);
            row.digest = String::new();
            row.tried_at = change.tried_at.or(Some(now));
            row
        });
        Ok(self.store.save_mirrored_people(rows.collect()).await?)
    }

    /// Creates and binds accounts.
    async fn accounts(&mut self, chunk: &mut [Current]) -> Result<(), ApplyError> {
        let step = |one: &Current| {
            let change = &one.change;
            let binding = change.binding.clone()?;
            Some(match one.account {
                Some(account) => Step::Bind { account, binding },
                None => Step::CreateAccount(NewAccount {
                    profile: change.profile.clone(),
                    roles: change.new_roles.clone(),
                    binding,
                    tried_at: change.tried_at,
                }),
            })
        };
        let (at, steps) = steps_of(chunk, step);
        let Outcomes { all, ended } = self.steps(&steps).await;
        for (at, outcome) in at.into_iter().zip(all) {
            let Some(one) = chunk.get_mut(at) else {
                continue;
            };
            match outcome {
                Some(Ok(StepOutcome::Made(id))) => one.account = Some(id),
                Some(Ok(_)) => {}
                other => {
                    // An account that could not be bound does not count as the person's.
                    one.account = match one.change.account {
                        AccountChange::Keep(id) => Some(id),
                        _ => None,
                    };
                    self.failed(one, other.and_then(Result::err).as_ref());
                }
            }
        }
        if ended.is_err() {
            let waits = |change: &PersonChange| {
                let is_new = change.account == AccountChange::Create;
                change.roles.is_some() || !(is_new || change.profile.is_empty())
            };
            put_off(chunk, waits);
        }
        ended
    }

    /// Updates accounts and gives roles.
    async fn values(&mut self, chunk: &mut [Current]) -> Result<(), ApplyError> {
        let step = |one: &Current| {
            let is_new = one.change.account == AccountChange::Create;
            let account = one.account.filter(|_| !is_new && !one.failed)?;
            let profile = one.change.profile.clone();
            (!profile.is_empty()).then_some(Step::UpdateAccount { account, profile })
        };
        let (at, steps) = steps_of(chunk, step);
        let updated = self.each(chunk, &at, &steps).await;
        if updated.is_err() {
            put_off(chunk, |change| change.roles.is_some());
        }
        updated?;
        let step = |one: &Current| {
            let account = one.account.filter(|_| !one.failed)?;
            let roles = one.change.roles.clone()?;
            Some(Step::GiveRoles { account, roles })
        };
        let (at, steps) = steps_of(chunk, step);
        self.each(chunk, &at, &steps).await
    }

    /// Applies one step for each of these people. Whoever it is not known of has failed, too.
    pub(super) async fn each(
        &mut self,
        chunk: &mut [Current],
        at: &[usize],
        steps: &[Step],
    ) -> Result<(), ApplyError> {
        let Outcomes { all, ended } = self.steps(steps).await;
        for (at, outcome) in at.iter().zip(all) {
            let Some(one) = chunk.get_mut(*at) else {
                continue;
            };
            match outcome {
                Some(Ok(_)) => {}
                other => self.failed(one, other.and_then(Result::err).as_ref()),
            }
        }
        ended
    }

    /// Marks a person whose step failed, and says why, where that is known.
    pub(super) fn failed(&mut self, one: &mut Current, why: Option<&StepError>) {
        one.failed = true;
        if let Some(error) = why {
            self.findings.push(one.about(failure(error)));
        }
    }

    /// Records the accounts and what is known about their people, and adds rows to the audit trail.
    async fn remember(&mut self, chunk: &[Current]) -> Result<(), ApplyError> {
        let now = self.clock.now();
        let mut rows = Vec::new();
        let mut audit: Vec<NewAuditRow> = Vec::new();
        for one in chunk {
            let change = &one.change;
            // The new departments are recorded only when the memberships have been changed.
            let memberships = if self.has_departments {
                &change.before
            } else {
                &change.memberships
            };
            let mut row = change.row(self.source_id, one.account, memberships, now);
            if one.failed {
                row.digest = String::new();
                // Whoever comes back and does not have the access yet comes back in the next run.
                row.tried_at = change.tried_at.or(Some(now)).filter(|_| change.returns);
            }
            if one.account.is_none() && change.account == AccountChange::Create {
                row.tried_at = change.tried_at.or(Some(now));
            }
            rows.push(row);
            let Some(account) = one.account.filter(|_| !one.failed) else {
                continue;
            };
            self.counts.add_person(change);
            let action = match change.event() {
                Some(AccountEvent::Create) => Action::DirectoryCreate,
                Some(AccountEvent::Link) => Action::DirectoryLink,
                Some(AccountEvent::Return) => Action::DirectoryReturn,
                Some(AccountEvent::Update) => Action::DirectoryUpdate,
                Some(AccountEvent::Adopt) if !change.profile.is_empty() => Action::DirectoryUpdate,
                Some(AccountEvent::Adopt | AccountEvent::Departments) | None => continue,
            };
            audit.push(self.audit(action, account));
        }
        let transaction = self.store.begin().await?;
        transaction.save_mirrored_people(rows).await?;
        for row in audit {
            transaction.add_audit_row(row).await?;
        }
        Ok(transaction.commit().await?)
    }
}

/// Marks those whose changes were not tried, because the run has to stop, so that the next run makes
/// them.
fn put_off(chunk: &mut [Current], waits: impl Fn(&PersonChange) -> bool) {
    for one in chunk.iter_mut().filter(|one| waits(&one.change)) {
        one.failed = true;
    }
}

/// Collects the steps of those who need one, together with their positions.
pub(super) fn steps_of(
    chunk: &[Current],
    step: impl Fn(&Current) -> Option<Step>,
) -> (Vec<usize>, Vec<Step>) {
    let all = chunk.iter().enumerate();
    all.filter_map(|(at, one)| Some((at, step(one)?))).unzip()
}

impl Current {
    /// Makes a finding say that it is about this person.
    pub(super) fn about(&self, finding: Finding) -> Finding {
        finding
            .of_person(&self.change.member.key)
            .named(&self.change.member.name)
            .of_accounts(self.account)
    }
}
