//! A partial run: it updates only the people whom events name.
//!
//! These people are read from the provider as they are now, and planned and applied as in a full
//! run. Everybody else stays as they are. What cannot be decided for single people needs a full
//! run: [`Settled::Everything`].

mod departments;
mod person;

use std::collections::HashSet;
use std::vec;

use futures_util::{StreamExt, stream};

use super::apply::{ApplyError, Plan, PlanApplication};
use super::facts::Facts;
use super::findings::RunFindings;
use super::local_departments::{LocalDepartments, here};
use super::plan::{Counts, PersonChange, Planner, Removals};
use super::recent_removals::gone_lately;
use super::source::Source;
use super::{Finding, Key, Member, Progress, Severity, StepExecutor};
use crate::clock::Clock;
use crate::domain::lease::HeldLease;
use crate::domain::organization::{Place, ReadError};
use crate::store::{Store, StoreError};
use person::{Presence, Read};

/// The most calls to the provider at the same time.
const AT_ONCE: usize = 8;

/// The result of processing an event.
#[derive(Clone, Debug)]
pub enum Settled {
    /// The event was processed. The text names conflicts that an administrator should look at.
    Done(Option<String>),
    /// The event concerns nobody who is copied, for this reason.
    Ignored(&'static str),
    /// The provider does not show the change yet.
    NotYet,
    /// The event needs a full run.
    Everything,
}

/// Why an event could not be processed yet. The message is for the operator.
#[derive(Debug, thiserror::Error)]
pub enum PartialError {
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The provider could not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// A step failed in a way in which all others would fail.
    #[error(transparent)]
    Apply(#[from] ApplyError),
    /// A step for this person failed.
    #[error("{0}")]
    Step(String),
}

/// A person whom an event names.
#[derive(Clone, Debug)]
pub struct NamedPerson {
    /// The person's identifier within the organization.
    pub key: Key,
    /// Whether the event says that the person has left.
    pub has_left: bool,
    /// The cause that the audit trail names.
    pub cause: String,
}

/// A run for some people.
pub struct PartialRun<'a> {
    /// Records what was done.
    pub store: &'a Store,
    /// The current time.
    pub clock: &'a Clock,
    /// Applies the steps.
    pub executor: &'a dyn StepExecutor,
    /// The lease of the source.
    pub held: &'a HeldLease<'a>,
    /// The source.
    pub source: &'a Source,
}

impl PartialRun<'_> {
    fn facts(&self) -> Facts<'_> {
        Facts {
            store: self.store,
            source_id: self.source.id,
            authenticator: &self.source.authenticator,
            options: &self.source.options,
            rules: &self.source.rules,
        }
    }

    /// The departments that earlier runs have recorded.
    async fn known_departments(&self) -> Result<HashSet<Key>, StoreError> {
        let rows = self.store.mirrored_departments(self.source.id).await?;
        Ok(rows.into_iter().map(|row| row.external_id.into()).collect())
    }

    /// Updates these people. Returns the result for each, in their order.
    pub async fn people(
        &self,
        named: &[NamedPerson],
    ) -> Result<Vec<Result<Settled, PartialError>>, PartialError> {
        let known = self.known_departments().await?;
        let here = here(self.store, self.source, self.executor).await?;
        let departments = &known;
        let keys: Vec<Key> = named.iter().map(|one| one.key.clone()).collect();
        let reading = keys
            .into_iter()
            .map(|key| async move { self.presence(key, departments).await });
        let read: Vec<_> = stream::iter(reading).buffered(AT_ONCE).collect().await;
        let members: Vec<Member> = read
            .iter()
            .filter_map(|read| match read {
                Ok(Read {
                    presence: Presence::Here(member),
                    ..
                }) => Some((**member).clone()),
                _ => None,
            })
            .collect();
        let source = self.source;
        let mut planner = Planner::new(
            &source.options,
            &source.rules,
            source.acting,
            here.is_some(),
            known.clone(),
            &members,
        );
        for member in &members {
            self.note_repeated(&mut planner, member).await?;
        }
        let too_many = self.too_many_leave(&planner, &read).await?;
        let mut settled = Vec::with_capacity(named.len());
        for (one, read) in named.iter().zip(read) {
            let outcome = match read {
                Ok(read) if read.presence.is_absent() && too_many => Ok(Settled::Everything),
                Ok(read) => Box::pin(self.settle(&mut planner, here.as_ref(), one, read)).await,
                Err(error) => Err(error),
            };
            settled.push(outcome);
        }
        Ok(settled)
    }

    /// Whether more of these people are leaving than the safety limit allows. Then a full run is
    /// needed, which asks for confirmation.
    async fn too_many_leave(
        &self,
        planner: &Planner<'_>,
        read: &[Result<Read, PartialError>],
    ) -> Result<bool, PartialError> {
        let mut removals = Removals::default();
        for read in read
            .iter()
            .flatten()
            .filter(|read| read.presence.is_absent())
        {
            let Some((person, facts)) = self.known(read).await? else {
                continue;
            };
            let leaver = planner.leaver(&person, facts.as_ref(), false, &mut Vec::new());
            if let Some(leaver) = leaver.filter(|leaver| leaver.step.name().is_some()) {
                let removal = (person.stable_id.to_string(), leaver.step);
                removals.leavers.push(removal);
            }
        }
        if removals.leavers.is_empty() {
            return Ok(false);
        }
        let people = self.store.count_mirrored(self.source.id).await?;
        removals.people = usize::try_from(people).unwrap_or(usize::MAX);
        removals.recent = gone_lately(self.store, self.clock, self.source.id).await?;
        Ok(removals.exceed(self.source.options.safety_limit_percent))
    }

    /// Tells the planner about phone numbers and email addresses that somebody else in the
    /// organization has, too. They must not link anybody.
    async fn note_repeated(
        &self,
        planner: &mut Planner<'_>,
        member: &Member,
    ) -> Result<(), StoreError> {
        let phone = member.phone.as_ref().map(|phone| phone.e164().to_owned());
        let (store, id) = (self.store, self.source.id);
        let stable_id = member.stable_id_or_key().as_str();
        if let Some(phone) = phone
            && store
                .mirrors_phone_of_another(id, &phone, stable_id)
                .await?
        {
            planner.repeats(phone);
        }
        if let Some(email) = &member.email
            && store.mirrors_email_of_another(id, email, stable_id).await?
        {
            planner.repeats(crate::email::comparable(email));
        }
        Ok(())
    }

    /// Applies the plan for one person and summarises its result.
    async fn apply(
        &self,
        plan: Plan<vec::IntoIter<PersonChange>>,
        here: Option<&LocalDepartments>,
        findings: Vec<Finding>,
        cause: &str,
    ) -> Result<Settled, PartialError> {
        let mut counts = Counts::default();
        let mut told = RunFindings::default();
        told.extend(findings);
        let mut application = PlanApplication {
            store: self.store,
            clock: self.clock,
            executor: self.executor,
            held: self.held,
            source_id: self.source.id,
            authenticator: &self.source.authenticator,
            acting: self.source.acting,
            cause: Some(cause),
            has_departments: here.is_some(),
            locals: here.map(|here| here.ids.clone()).unwrap_or_default(),
            counts: &mut counts,
            findings: &mut told,
        };
        application.apply(plan, &Progress::default()).await?;
        let of = |severity: Severity| {
            let kinds = told.kinds(severity);
            (!kinds.is_empty()).then(|| kinds.join(", "))
        };
        match of(Severity::Error) {
            Some(names) => Err(PartialError::Step(names)),
            None => Ok(Settled::Done(of(Severity::Conflict))),
        }
    }
}

/// Keeps only the places in departments that are read.
fn within(places: Vec<Place>, known: &HashSet<Key>) -> Vec<Place> {
    let mut places = places;
    places.retain(|place| known.contains(&place.department));
    places
}
