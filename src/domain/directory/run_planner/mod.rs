//! Computes the plan of a run, page by page.

mod leavers;

use std::collections::HashSet;
use std::ops::Range;
use std::vec;

use super::apply::Plan;
use super::changes::{of_departments, of_person};
use super::facts::Facts;
use super::findings::RunFindings;
use super::local_departments::LocalDepartments;
use super::members::Members;
use super::mirror::{managed_department, managed_person};
use super::plan::{
    Counts, Decision, DepartmentsPlan, Leaver, PersonChange, Planner, Removals, plan_departments,
};
use super::read::Snapshot;
use super::{Department, Finding, FindingKind, Key, Phase, Progress};
use crate::domain::organization::{Directory, ReadError};
use crate::store::StoreError;
use leavers::Present;

/// How many people one query reads.
const PAGE: usize = 200;

/// Why a plan could not be computed.
#[derive(Debug, thiserror::Error)]
pub enum PlanningError {
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The provider could not be asked whether somebody has left.
    #[error(transparent)]
    Read(#[from] ReadError),
}

/// A plan.
pub struct Planned<'a> {
    /// What has to change.
    pub plan: Plan<Changes<'a>>,
    /// How many people and departments there are.
    pub counts: Counts,
    /// How many the plan changes.
    pub intended: Counts,
    /// The fingerprint of the removals, if more is removed than is allowed without confirmation.
    pub exceeds: Option<String>,
}

/// The changes of people, each made when it is its turn.
pub struct Changes<'a> {
    members: Members,
    decisions: vec::IntoIter<(u32, Decision)>,
    planner: Planner<'a>,
    directory: &'a dyn Directory,
}

impl Iterator for Changes<'_> {
    type Item = PersonChange;

    fn next(&mut self) -> Option<PersonChange> {
        let (number, decision) = self.decisions.next()?;
        let member = self.members.get(usize::try_from(number).ok()?)?;
        let identity = self.directory.identity(&member)?;
        Some(self.planner.change(member, &identity, decision))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.decisions.size_hint()
    }
}

impl ExactSizeIterator for Changes<'_> {}

/// What is planned so far.
#[derive(Default)]
struct PlanInProgress {
    decisions: Vec<(u32, Decision)>,
    leavers: Vec<Leaver>,
    removals: Removals,
    intended: Counts,
    /// How many people are in the organization whom earlier runs know and who were there.
    stayed: u64,
}

/// Everything that a plan is computed from.
pub struct RunPlanner<'a> {
    /// Looks up facts about accounts.
    pub facts: Facts<'a>,
    /// The directory of the provider, which tells whether somebody has left.
    pub directory: &'a dyn Directory,
    /// The id of the source.
    pub source_id: i64,
    /// The account that the source acts as.
    pub acting: i64,
    /// How many people were removed in the hour before, if they count towards the safety limit.
    pub recent: usize,
    /// The managed departments on this server; none where the server has no departments.
    pub here: Option<&'a LocalDepartments>,
}

impl<'a> RunPlanner<'a> {
    /// Computes the plan. `agreed` is the fingerprint of removals that an administrator has
    /// confirmed. What an administrator should know, and the description of each change, goes to
    /// `findings`.
    pub async fn plan(
        &self,
        snapshot: Snapshot,
        agreed: Option<&str>,
        progress: &Progress,
        findings: &mut RunFindings<'_>,
    ) -> Result<Planned<'a>, PlanningError> {
        let Snapshot {
            departments,
            members,
            findings: noticed,
        } = snapshot;
        progress.begin(Phase::Plan, members.len());
        let left_out = noticed.iter();
        let left_out = left_out.filter(|one| one.kind == FindingKind::DepartmentLeftOut);
        let left_out = left_out.filter_map(|one| one.department.clone()).collect();
        findings.extend(noticed);
        let counts = Counts {
            people: members.len() as u64,
            departments: departments.len() as u64,
            ..Counts::default()
        };
        let mut made = PlanInProgress::default();
        let keys: HashSet<Key> = departments.iter().map(|one| one.key.clone()).collect();
        let departments = self.departments(departments, findings, &mut made).await?;
        let mut planner = Planner::new(
            self.facts.options,
            self.facts.rules,
            self.acting,
            self.here.is_some(),
            keys.clone(),
            members.iter(),
        );
        for from in (0..members.len()).step_by(PAGE) {
            let page = from..members.len().min(from + PAGE);
            let count = page.len();
            let page = MemberPage {
                members: &members,
                numbers: page,
            };
            self.page(&mut planner, page, findings, &mut made).await?;
            findings.record_much().await?;
            progress.advance(count);
        }
        let present = Present {
            members: &members,
            departments: &keys,
            left_out: &left_out,
        };
        let exceeds = self
            .leavers(&planner, present, agreed, findings, &mut made)
            .await?;
        findings.record().await?;
        Ok(Planned {
            plan: Plan {
                departments,
                people: Changes {
                    members,
                    decisions: made.decisions.into_iter(),
                    planner,
                    directory: self.directory,
                },
                leavers: made.leavers,
            },
            counts,
            intended: made.intended,
            exceeds,
        })
    }

    /// Plans departments.
    async fn departments(
        &self,
        departments: Vec<Department>,
        findings: &mut RunFindings<'_>,
        made: &mut PlanInProgress,
    ) -> Result<DepartmentsPlan, PlanningError> {
        let managed = self
            .facts
            .store
            .mirrored_departments(self.source_id)
            .await?;
        let managed: Vec<_> = managed.into_iter().map(managed_department).collect();
        made.removals.recent = self.recent;
        made.removals.departments = managed.len();
        let local = self.here.map(|here| &here.departments);
        let mut plan = plan_departments(departments, managed, local);
        findings.extend(plan.findings.drain(..));
        for change in of_departments(&plan) {
            findings.describe(change);
        }
        made.intended.add_departments(&plan);
        let removed = plan.removals.iter().map(|one| one.key.to_string());
        made.removals.removed = removed.collect();
        Ok(plan)
    }

    /// Plans the people of one page.
    async fn page(
        &self,
        planner: &mut Planner<'_>,
        page: MemberPage<'_>,
        findings: &mut RunFindings<'_>,
        made: &mut PlanInProgress,
    ) -> Result<(), PlanningError> {
        let numbers = page.numbers.clone();
        let members: Vec<_> = numbers.filter_map(|one| page.members.get(one)).collect();
        let keys: Vec<_> = members
            .iter()
            .map(|one| one.stable_id_or_key().as_str().to_owned())
            .collect();
        let store = self.facts.store;
        let mut known = store.mirrored_people(self.source_id, &keys).await?;
        let held = match self.here {
            Some(here) => {
                let accounts = known.values().filter_map(|(row, _)| row.user_id);
                here.memberships_of(store, &accounts.collect::<Vec<_>>())
                    .await?
            }
            None => None,
        };
        for (number, member) in page.numbers.zip(members) {
            let row = known.remove(member.stable_id_or_key().as_str());
            let was_there = row.as_ref().is_some_and(|(row, _)| !row.is_gone);
            made.stayed += u64::from(was_there);
            let Some(identity) = self.directory.identity(&member) else {
                let finding = Finding::new(FindingKind::NoSubject).of_person(&member.key);
                findings.push(finding.named(&member.name));
                continue;
            };
            let (person, account) = match &row {
                Some((row, account)) => (Some(managed_person(row)), account.as_ref()),
                None => (None, None),
            };
            let mut person = person;
            if let (Some(person), Some(here)) = (&mut person, self.here) {
                here.note_taken_out(person, held.as_ref());
            }
            let person = person.as_ref();
            let candidates = self
                .facts
                .candidates(&member, &identity, person, account)
                .await?;
            let mut noticed = Vec::new();
            let name = member.name.clone();
            let change = planner.person(member, &identity, person, &candidates, &mut noticed);
            findings.extend(noticed.into_iter().map(|finding| finding.named(&name)));
            if let Some(change) = change {
                made.intended.add_person(&change);
                let before = change.account.account();
                let before = before.and_then(|id| candidates.by_id(id));
                if let Some(row) = of_person(&change, before) {
                    findings.describe(row);
                }
                let number = u32::try_from(number).unwrap_or(u32::MAX);
                made.decisions.push((number, change.decision()));
            }
        }
        Ok(())
    }
}

/// People who are planned together.
struct MemberPage<'a> {
    members: &'a Members,
    numbers: Range<usize>,
}
