//! Plans the people whom earlier runs have recorded and who are no longer in the organization.

use std::collections::HashSet;

use super::super::belonging::may_belong_here;
use super::super::changes::of_leaver;
use super::super::findings::RunFindings;
use super::super::members::Members;
use super::super::plan::{LeaverStep, Planner};
use super::super::{Finding, FindingKind, Key, Member};
use super::{PAGE, PlanInProgress, PlanningError, RunPlanner};
use crate::domain::organization::PersonLookup;
use crate::store::AccountOfPage;

/// Who and what is in the organization.
#[derive(Clone, Copy)]
pub(super) struct Present<'a> {
    pub members: &'a Members,
    pub departments: &'a HashSet<Key>,
    /// Departments that are not copied because of their kind.
    pub left_out: &'a HashSet<Key>,
}

impl RunPlanner<'_> {
    /// Plans those who are gone. Returns the fingerprint of all removals if they are more than is
    /// allowed without confirmation; then none of them is part of the plan.
    pub(super) async fn leavers(
        &self,
        planner: &Planner<'_>,
        present: Present<'_>,
        agreed: Option<&str>,
        findings: &mut RunFindings<'_>,
        made: &mut PlanInProgress,
    ) -> Result<Option<String>, PlanningError> {
        // The safety limit is checked before the provider is asked about each absent person. If
        // half of the organization seems to be gone, something is wrong, and an administrator has
        // to look first.
        let absent = self.absent(planner, present, made).await?;
        let percent = self.facts.options.safety_limit_percent;
        let fingerprint = made.removals.fingerprint();
        let exceeds = made.removals.exceed(percent) && agreed != Some(&fingerprint);
        if exceeds {
            let finding = Finding::new(FindingKind::SafetyLimit);
            findings.push(finding.with(fingerprint.clone()));
        }
        let store = self.facts.store;
        for page in absent.chunks(PAGE) {
            let mut rows = store.mirrored_people(self.source_id, page).await?;
            for stable_id in page {
                let Some(row) = rows.remove(stable_id) else {
                    continue;
                };
                self.leaver(planner, present, row, exceeds, findings, made)
                    .await?;
            }
            findings.record_much().await?;
        }
        Ok(exceeds.then_some(fingerprint))
    }

    /// Those of the recorded people who are no longer present.
    async fn absent(
        &self,
        planner: &Planner<'_>,
        present: Present<'_>,
        made: &mut PlanInProgress,
    ) -> Result<Vec<String>, PlanningError> {
        let store = self.facts.store;
        let recorded = store.count_mirrored(self.source_id).await?;
        made.removals.people = usize::try_from(recorded).unwrap_or(usize::MAX);
        let mut absent = Vec::new();
        // Usually everybody is still there, and need not be read again.
        if recorded == made.stayed {
            return Ok(absent);
        }
        let mut after: Option<String> = None;
        loop {
            let page = PAGE as u64;
            let rows = store
                .mirrored_after(self.source_id, after.as_deref(), page)
                .await?;
            let Some((last, _)) = rows.last() else { break };
            after = Some(last.stable_id.clone());
            for (row, account) in rows {
                if present.members.has(&row.stable_id) {
                    continue;
                }
                let known = self.facts.of_leaver(self.directory, &row, account.as_ref());
                let (person, facts) = known.await?;
                let leaver = planner.leaver(&person, facts.as_ref(), false, &mut Vec::new());
                if let Some(leaver) = leaver.filter(|one| one.step.name().is_some()) {
                    let removal = (row.stable_id.clone(), leaver.step);
                    made.removals.leavers.push(removal);
                }
                absent.push(row.stable_id);
            }
        }
        Ok(absent)
    }

    /// Plans one person who is absent.
    async fn leaver(
        &self,
        planner: &Planner<'_>,
        present: Present<'_>,
        (row, account): AccountOfPage,
        exceeds: bool,
        findings: &mut RunFindings<'_>,
        made: &mut PlanInProgress,
    ) -> Result<(), PlanningError> {
        let known = self.facts.of_leaver(self.directory, &row, account.as_ref());
        let (person, facts) = known.await?;
        let mut noticed = Vec::new();
        let Some(leaver) = planner.leaver(&person, facts.as_ref(), false, &mut noticed) else {
            return Ok(());
        };
        if !exceeds {
            match self.directory.person(&person.key).await? {
                PersonLookup::Hidden => {}
                PersonLookup::Gone => {
                    noticed.clear();
                    planner.leaver(&person, facts.as_ref(), true, &mut noticed);
                }
                // The person was moved while the organization was read, and is not gone.
                PersonLookup::Found(member, _) => {
                    let is_same = *member.stable_id_or_key() == person.stable_id;
                    if is_same && self.is_somewhere_here(present, &member).await? {
                        return Ok(());
                    }
                }
            }
        }
        findings.extend(noticed.into_iter().map(|finding| finding.named(&row.name)));
        if leaver.step == LeaverStep::Wait {
            return Ok(());
        }
        made.intended.left += 1;
        if let Some(row) = of_leaver(&leaver) {
            findings.describe(row);
        }
        if !exceeds {
            made.leavers.push(leaver);
        }
        Ok(())
    }

    /// Whether a person is in a department that is copied. It may have been created while the
    /// organization was read; then the next run reads it.
    async fn is_somewhere_here(
        &self,
        present: Present<'_>,
        member: &Member,
    ) -> Result<bool, PlanningError> {
        let departments = || member.memberships.iter().map(|one| &one.department);
        if departments().any(|key| present.departments.contains(key)) {
            return Ok(true);
        }
        let chosen = &self.facts.options.departments;
        for key in departments().filter(|key| !present.left_out.contains(*key)) {
            if may_belong_here(self.directory, chosen, key, present.departments).await? {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
