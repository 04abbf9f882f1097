//! Reads, plans and updates one person whom an event names.

use std::collections::HashSet;

use super::super::apply::Plan;
use super::super::local_departments::LocalDepartments;
use super::super::mirror::managed_person;
use super::super::plan::{AccountFacts, Planner};
use super::super::read::placed;
use super::super::{Finding, FindingKind, Key, ManagedPerson, Member};
use super::{NamedPerson, PartialError, PartialRun, Settled, within};
use crate::domain::organization::PersonLookup;

/// A person as the provider describes them now.
pub(super) struct Read {
    /// The person's identifier within the organization.
    key: Key,
    pub presence: Presence,
}

/// Whether a person belongs to what is copied.
pub(super) enum Presence {
    /// The person is in a department that is copied.
    Here(Box<Member>),
    /// The person with this stable ID is in the organization, but in no department that is copied.
    Elsewhere(Key),
    /// The person is no longer in the organization.
    Gone,
    /// The application may not see the person.
    Hidden,
    /// The person is in a department that earlier runs have not recorded and that may have to be
    /// copied.
    Unclear,
}

impl Presence {
    /// Whether the person's account, if there is one, has to lose its access.
    pub fn is_absent(&self) -> bool {
        matches!(self, Self::Gone | Self::Elsewhere(_))
    }
}

impl PartialRun<'_> {
    /// Reads a person from the provider.
    pub(super) async fn presence(
        &self,
        key: Key,
        known: &HashSet<Key>,
    ) -> Result<Read, PartialError> {
        let directory = &*self.source.directory;
        let presence = match directory.person(&key).await? {
            PersonLookup::Gone => Presence::Gone,
            PersonLookup::Hidden => Presence::Hidden,
            PersonLookup::Found(member, places) => {
                let mut all = member.memberships.iter();
                if all.any(|one| known.contains(&one.department)) {
                    let places = within(places, known);
                    Presence::Here(Box::new(placed(*member, &places)))
                } else {
                    self.outside(&key, *member, known).await?
                }
            }
        };
        Ok(Read { key, presence })
    }

    /// Decides about a person who is in no known department.
    async fn outside(
        &self,
        key: &Key,
        member: Member,
        known: &HashSet<Key>,
    ) -> Result<Presence, PartialError> {
        let directory = &*self.source.directory;
        let chosen = &self.source.options.departments;
        if chosen.is_empty() {
            let scope = directory.scope().await?;
            if scope.people.contains(key) {
                return Ok(Presence::Here(Box::new(placed(member, &[]))));
            }
        }
        // A department may be new, and its event may still be missing.
        for one in &member.memberships {
            if self.may_belong_here(&one.department, known).await? {
                return Ok(Presence::Unclear);
            }
        }
        Ok(Presence::Elsewhere(member.stable_id_or_key().clone()))
    }

    /// The record and account of a person who is no longer copied.
    pub(super) async fn known(
        &self,
        read: &Read,
    ) -> Result<Option<(ManagedPerson, Option<AccountFacts>)>, PartialError> {
        let (store, id) = (self.store, self.source.id);
        let row = match &read.presence {
            Presence::Elsewhere(stable_id) => {
                let stable_id = stable_id.as_str().to_owned();
                let mut found = store.mirrored_people(id, &[stable_id]).await?;
                found.drain().map(|(_, row)| row).next()
            }
            _ => store.mirrored_by_key(id, read.key.as_str()).await?,
        };
        let Some((row, account)) = row.filter(|(row, _)| !row.is_gone) else {
            return Ok(None);
        };
        let directory = &*self.source.directory;
        let facts = self.facts();
        let known = facts.of_leaver(directory, &row, account.as_ref());
        Ok(Some(known.await?))
    }

    /// Updates a person.
    pub(super) async fn settle(
        &self,
        planner: &mut Planner<'_>,
        here: Option<&LocalDepartments>,
        named: &NamedPerson,
        read: Read,
    ) -> Result<Settled, PartialError> {
        match &read.presence {
            Presence::Hidden => Ok(Settled::Ignored(
                "the application may not see who it is about",
            )),
            Presence::Unclear => Ok(Settled::Everything),
            Presence::Here(_) if named.has_left => Ok(Settled::NotYet),
            Presence::Here(member) => {
                self.present(planner, here, (**member).clone(), &named.cause)
                    .await
            }
            Presence::Gone | Presence::Elsewhere(_) => {
                let resigned = matches!(read.presence, Presence::Gone);
                let Some((person, facts)) = self.known(&read).await? else {
                    return Ok(Settled::Ignored("it is about nobody who was here"));
                };
                let mut findings = Vec::new();
                let leaver = planner.leaver(&person, facts.as_ref(), resigned, &mut findings);
                let plan = Plan {
                    leavers: leaver.into_iter().collect(),
                    ..Plan::default()
                };
                self.apply(plan, here, findings, &named.cause).await
            }
        }
    }

    /// Updates a person who is in the organization.
    async fn present(
        &self,
        planner: &mut Planner<'_>,
        here: Option<&LocalDepartments>,
        member: Member,
        cause: &str,
    ) -> Result<Settled, PartialError> {
        let Some(identity) = self.source.directory.identity(&member) else {
            return Ok(Settled::Done(Some(
                FindingKind::NoSubject.name().to_owned(),
            )));
        };
        let stable_id = member.stable_id_or_key().as_str().to_owned();
        let mut known = self
            .store
            .mirrored_people(self.source.id, std::slice::from_ref(&stable_id))
            .await?;
        let row = known.remove(&stable_id);
        let (person, account) = match &row {
            Some((row, account)) => (Some(managed_person(row)), account.as_ref()),
            None => (None, None),
        };
        let mut person = person;
        if let (Some(person), Some(here)) = (&mut person, here) {
            let accounts: Vec<i64> = person.account.into_iter().collect();
            let held = here.memberships_of(self.store, &accounts).await?;
            here.note_taken_out(person, held.as_ref());
        }
        let person = person.as_ref();
        let candidates = self
            .facts()
            .candidates(&member, &identity, person, account)
            .await?;
        let mut findings: Vec<Finding> = Vec::new();
        let change = planner.person(member, &identity, person, &candidates, &mut findings);
        let plan = Plan {
            people: change.into_iter().collect::<Vec<_>>().into_iter(),
            ..Plan::default()
        };
        self.apply(plan, here, findings, cause).await
    }
}
