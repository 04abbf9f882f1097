//! Computes the plan of a run, page by page.

use std::collections::{HashMap, HashSet};

use entity::user;

use super::apply::Plan;
use super::facts::Facts;
use super::here::{Held, Here};
use super::mirror::{managed_department, managed_person};
use super::plan::{Counts, LeaverStep, Planner, Removals, plan_departments};
use super::read::Snapshot;
use super::{Finding, FindingKind, Key, ManagedPerson, Member, Phase, Progress};
use crate::domain::organisation::{Directory, PersonLookup, ReadError};
use crate::store::StoreError;

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

/// A plan with its findings.
#[derive(Debug, Default)]
pub struct Planned {
    /// What has to change.
    pub plan: Plan,
    /// The findings.
    pub findings: Vec<Finding>,
    /// The names of the people in findings.
    pub names: HashMap<Key, String>,
    /// What is removed.
    pub removals: Removals,
    /// How many people and departments there are.
    pub counts: Counts,
    /// Whether more is removed than is allowed without confirmation.
    pub exceeds: bool,
}

/// Everything that a plan is computed from.
pub struct Planning<'a> {
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
    pub here: Option<&'a Here>,
}

impl Planning<'_> {
    /// Computes the plan. `agreed` is the fingerprint of removals that an administrator has
    /// confirmed.
    pub async fn plan(
        &self,
        snapshot: Snapshot,
        agreed: Option<&str>,
        progress: &Progress,
    ) -> Result<Planned, PlanningError> {
        let store = self.facts.store;
        let Snapshot {
            departments,
            members,
            findings,
        } = snapshot;
        progress.begin(Phase::Plan, members.len());
        let mut made = Planned {
            findings,
            ..Planned::default()
        };
        made.counts.people = members.len() as u64;
        made.counts.departments = departments.len() as u64;
        let managed = store.mirrored_departments(self.source_id).await?;
        let managed: Vec<_> = managed.into_iter().map(managed_department).collect();
        made.removals.recent = self.recent;
        made.removals.departments = managed.len();
        let keys: HashSet<Key> = departments.iter().map(|one| one.key.clone()).collect();
        let local = self.here.map(|here| &here.departments);
        let mut of_departments = plan_departments(departments, managed, local);
        made.findings.append(&mut of_departments.findings);
        let removed = of_departments
            .removals
            .iter()
            .map(|one| one.key.to_string());
        made.removals.removed = removed.collect();
        made.plan.departments = of_departments;

        let present: HashSet<Key> = members.iter().map(|one| one.person().clone()).collect();
        let (options, rules) = (self.facts.options, self.facts.rules);
        let has_departments = self.here.is_some();
        let held = match self.here.filter(|_| options.follow_departments) {
            Some(here) => here.everybody(store).await?,
            None => None,
        };
        let mut planner = Planner::new(
            options,
            rules,
            self.acting,
            has_departments,
            keys.clone(),
            &members,
        );
        let mut members = members.into_iter().peekable();
        while members.peek().is_some() {
            let page: Vec<_> = members.by_ref().take(PAGE).collect();
            let count = page.len();
            self.page(&mut planner, page, held.as_ref(), &mut made)
                .await?;
            progress.advance(count);
        }
        self.leavers(&planner, &present, &keys, agreed, &mut made)
            .await?;
        Ok(made)
    }

    /// Plans the people of one page.
    async fn page(
        &self,
        planner: &mut Planner<'_>,
        page: Vec<Member>,
        held: Option<&Held>,
        made: &mut Planned,
    ) -> Result<(), PlanningError> {
        let keys: Vec<_> = page
            .iter()
            .map(|one| one.person().as_str().to_owned())
            .collect();
        let mut known = self
            .facts
            .store
            .mirrored_people(self.source_id, &keys)
            .await?;
        for member in page {
            let Some(identity) = self.directory.identity(&member) else {
                let finding = Finding::new(FindingKind::NoSubject).of_person(&member.key);
                made.names.insert(member.key.clone(), member.name.clone());
                made.findings.push(finding);
                continue;
            };
            let row = known.remove(member.person().as_str());
            let (person, account) = match &row {
                Some((row, account)) => (Some(managed_person(row)), account.as_ref()),
                None => (None, None),
            };
            let mut person = person;
            if let (Some(person), Some(here)) = (&mut person, self.here) {
                here.note_taken_out(person, held);
            }
            let person = person.as_ref();
            let candidates = self
                .facts
                .candidates(&member, &identity, person, account)
                .await?;
            let before = made.findings.len();
            let (key, name) = (member.key.clone(), member.name.clone());
            let findings = &mut made.findings;
            let change = planner.person(member, &identity, person, &candidates, findings);
            if made.findings.len() > before {
                made.names.insert(key, name);
            }
            made.plan.people.extend(change);
        }
        Ok(())
    }

    /// Plans the people whom earlier runs have recorded and who are no longer in the organisation.
    async fn leavers(
        &self,
        planner: &Planner<'_>,
        present: &HashSet<Key>,
        departments: &HashSet<Key>,
        agreed: Option<&str>,
        made: &mut Planned,
    ) -> Result<(), PlanningError> {
        let mut absent: Vec<(ManagedPerson, String, Option<user::Model>)> = Vec::new();
        let mut after: Option<String> = None;
        loop {
            let store = self.facts.store;
            let page = PAGE as u64;
            let rows = store
                .mirrored_after(self.source_id, after.as_deref(), page)
                .await?;
            let Some((last, _)) = rows.last() else { break };
            after = Some(last.person.clone());
            for (row, account) in rows {
                made.removals.people += 1;
                if !present.contains(row.person.as_str()) {
                    absent.push((managed_person(&row), row.name, account));
                }
            }
        }
        // The safety limit is checked before the provider is asked about each absent person. If
        // half of the organisation seems to be gone, something is wrong, and an administrator has
        // to look first.
        let mut leavers = Vec::new();
        for (person, name, account) in absent {
            let facts = match &account {
                Some(account) => Some(self.facts.of_account(account).await?),
                None => None,
            };
            let mut findings = Vec::new();
            let leaver = planner.leaver(&person, facts.as_ref(), false, &mut findings);
            if leaver
                .as_ref()
                .is_some_and(|one| one.step != LeaverStep::Remember)
            {
                made.removals.leavers.push(person.person.to_string());
            }
            leavers.extend(leaver.map(|leaver| (leaver, name, facts, findings)));
        }
        let percent = self.facts.options.safety_limit_percent;
        let fingerprint = made.removals.fingerprint();
        made.exceeds = made.removals.exceed(percent) && agreed != Some(&fingerprint);
        if made.exceeds {
            made.findings
                .push(Finding::new(FindingKind::SafetyLimit).with(fingerprint));
        }
        for (leaver, name, facts, mut findings) in leavers {
            let key = leaver.person.key.clone();
            if !made.exceeds {
                match self.directory.person(&key).await? {
                    PersonLookup::Hidden => {}
                    PersonLookup::Gone => {
                        findings.clear();
                        planner.leaver(&leaver.person, facts.as_ref(), true, &mut findings);
                    }
                    // The person was moved while the organisation was read, and is not gone.
                    PersonLookup::Found(member, _) => {
                        let is_same = *member.person() == leaver.person.person;
                        let mut all = member.memberships.iter();
                        if is_same && all.any(|one| departments.contains(&one.department)) {
                            continue;
                        }
                    }
                }
            }
            made.names.insert(key, name);
            made.findings.append(&mut findings);
            made.plan.leavers.push(leaver);
        }
        Ok(())
    }
}
