//! Plans what happens to one person who is in the organization.

use chrono::{DateTime, Utc};

use super::super::{
    Binding, Finding, FindingKind, Key, ManagedPerson, Member, Membership, Profile,
};
use super::profile::{Taken, is_current};
use super::{AccountFacts, Planner};
use crate::domain::identity::Identity;

/// The accounts that could belong to a person.
#[derive(Clone, Debug, Default)]
pub struct Candidates {
    /// The account that earlier runs have recorded for the person, if it still exists.
    pub managed: Option<AccountFacts>,
    /// The accounts that are bound to the person. They are looked up only when there is no recorded
    /// account.
    pub bound: Vec<AccountFacts>,
    /// The accounts with the person's phone number. They are looked up only when the number could
    /// be written or could link an account.
    pub by_phone: Vec<AccountFacts>,
    /// The accounts with the person's email address, or with it as their user name, looked up
    /// likewise.
    pub by_email: Vec<AccountFacts>,
}

/// How a person gets an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccountChange {
    /// The person has this account already.
    Keep(i64),
    /// This account is already bound to the person, and is managed from now on.
    Adopt(i64),
    /// This account exists and is linked to the person.
    Link(i64),
    /// This account is recorded for the person, but somebody has bound it to another person. It
    /// stays as it is.
    Others(i64),
    /// An account is created.
    Create,
    /// The person has no account and gets none.
    None,
}

impl AccountChange {
    /// The account, if it exists already.
    pub fn account(self) -> Option<i64> {
        match self {
            Self::Keep(id) | Self::Adopt(id) | Self::Link(id) | Self::Others(id) => Some(id),
            Self::Create | Self::None => None,
        }
    }

    /// Whether the account is the person's, or will be.
    pub fn is_theirs(self) -> bool {
        !matches!(self, Self::Others(_) | Self::None)
    }
}

/// The changes for one person.
#[derive(Clone, Debug, PartialEq)]
pub struct PersonChange {
    /// The person's data.
    pub member: Member,
    /// How the person gets an account.
    pub account: AccountChange,
    /// The binding to write, if it has to change.
    pub binding: Option<Binding>,
    /// The data to write to the account; empty when nothing has to change.
    pub profile: Profile,
    /// Whether the person comes back to an account that has lost its access.
    pub returns: bool,
    /// The roles to give to a person who comes back. An empty list means the default role.
    pub roles: Option<Vec<String>>,
    /// The departments to join.
    pub joins: Vec<Key>,
    /// The departments to leave.
    pub quits: Vec<Key>,
    /// The departments whose ownership changes, each with whether the person becomes an owner.
    pub owns: Vec<(Key, bool)>,
    /// The new main department.
    pub main: Option<Key>,
    /// The departments of the account afterwards, the main one first.
    pub memberships: Vec<Membership>,
    /// The departments of the account before.
    pub before: Vec<Membership>,
    /// Those of them that the account is no longer in, see [`ManagedPerson::taken_out`].
    pub taken_out: Vec<Key>,
    /// The roles of an account that is created.
    pub new_roles: Vec<String>,
    /// The recorded roles that the account had before its access ended.
    pub kept_roles: Vec<String>,
    /// When an attempt to create the account began whose outcome is not known.
    pub tried_at: Option<DateTime<Utc>>,
    /// Whether earlier runs have recorded the person.
    pub is_known: bool,
}

impl PersonChange {
    /// Whether an account has to change, and not only the record.
    pub fn has_steps(&self) -> bool {
        self.account == AccountChange::Create
            || self.binding.is_some()
            || !self.profile.is_empty()
            || self.roles.is_some()
            || self.main.is_some()
            || !(self.joins.is_empty() && self.quits.is_empty() && self.owns.is_empty())
    }
}

impl Planner<'_> {
    /// Plans one person. Returns none when nothing has to change.
    pub fn person(
        &mut self,
        member: Member,
        identity: &Identity,
        known: Option<&ManagedPerson>,
        candidates: &Candidates,
        findings: &mut Vec<Finding>,
    ) -> Option<PersonChange> {
        let digest = member.digest();
        let is_news = known.is_none_or(|known| known.has_lost_access() || known.digest != digest);
        let account = self.account_of(&member, identity, known, candidates, findings);
        let facts = account.account().and_then(|id| candidates.by_id(id));
        for id in bound_to(identity, candidates) {
            // Whoever may have had the account before, it is not taken from this person.
            let stable_id = member.stable_id_or_key().clone();
            self.claimed.entry(id).or_insert(stable_id);
        }
        if let Some(id) = account.account().filter(|_| account.is_theirs()) {
            self.claimed.insert(id, member.stable_id_or_key().clone());
        }
        let other = |found: &[AccountFacts]| {
            found
                .iter()
                .any(|found| Some(found.id) != account.account())
        };
        let taken = Taken {
            phone: other(&candidates.by_phone),
            email: other(&candidates.by_email),
        };
        let profile = if account.is_theirs() {
            self.profile_unless_root(&member, facts, taken, is_news, findings)
        } else {
            Profile::default()
        };
        let returns = known.is_some_and(ManagedPerson::has_lost_access)
            && matches!(account, AccountChange::Keep(_));
        let bound = facts.and_then(|facts| facts.binding.as_ref());
        let binding = self.binding(identity, bound);
        let is_bound = bound.is_some_and(|bound| is_current(bound, &binding));
        let binds = match account {
            AccountChange::Others(_) | AccountChange::None => false,
            AccountChange::Create | AccountChange::Link(_) => true,
            AccountChange::Adopt(_) => !is_bound,
            // Somebody may have removed the binding on purpose. Only whoever lost access with it and
            // returns is bound again.
            AccountChange::Keep(_) => is_news && !is_bound && (returns || bound.is_some()),
        };
        let has_role = facts.is_some_and(|facts| facts.is_root || !facts.roles.is_empty());
        let roles = (returns && !has_role).then(|| self.rules.roles.clone());
        if returns {
            let roles = known.map(|known| known.roles.join(", "));
            let finding = Finding::new(FindingKind::Returned).of_person(&member.key);
            findings.push(
                finding
                    .of_accounts(account.account())
                    .with(roles.unwrap_or_default()),
            );
        }
        let before = known.filter(|known| known.account == account.account());
        let (before, taken_out) = before.map_or((&[][..], &[][..]), |known| {
            (&known.memberships[..], &known.taken_out[..])
        });
        let mut change = PersonChange {
            account,
            binding: binds.then_some(binding),
            profile,
            returns,
            roles,
            joins: Vec::new(),
            quits: Vec::new(),
            owns: Vec::new(),
            main: None,
            memberships: Vec::new(),
            before: before.to_vec(),
            taken_out: taken_out.to_vec(),
            new_roles: if account == AccountChange::Create {
                self.rules.roles.clone()
            } else {
                Vec::new()
            },
            kept_roles: known.map(|known| known.roles.clone()).unwrap_or_default(),
            tried_at: known.and_then(|known| known.tried_at),
            is_known: known.is_some(),
            member,
        };
        self.place(&mut change);
        let was_remembered = known.is_some_and(|known| known.account == account.account());
        let is_as_it_was = !is_news && was_remembered && change.memberships == before;
        (change.has_steps() || !is_as_it_was).then_some(change)
    }

    /// Plans the departments of an account, if there is one.
    pub(super) fn place(&self, change: &mut PersonChange) {
        if change.account == AccountChange::None {
            return;
        }
        if !self.follows_departments() || !change.account.is_theirs() {
            change.memberships.clone_from(&change.before);
            return;
        }
        let before = std::mem::take(&mut change.before);
        let taken_out = std::mem::take(&mut change.taken_out);
        self.memberships(change, &before, &taken_out);
        change.before = before;
        change.taken_out = taken_out;
    }

    /// Plans which departments a person joins and leaves. A person who was taken out of a department by
    /// executor joins it again. They also leave it by a step like everybody else, because rights by the
    /// department can outlast the membership.
    fn memberships(&self, change: &mut PersonChange, before: &[Membership], taken_out: &[Key]) {
        let is_in = |one: &&Membership| !taken_out.contains(&one.department);
        let was = |key: &Key| {
            let mut kept = before.iter().filter(is_in);
            kept.find(|one| one.department == *key)
        };
        let now = change.member.memberships.iter();
        let now = now.filter(|one| self.departments.contains(&one.department));
        let now: Vec<Membership> = now.cloned().collect();
        for one in &now {
            let old = was(&one.department);
            if old.is_none() {
                change.joins.push(one.department.clone());
            }
            let owned = old.is_some_and(|old| old.is_owner);
            if self.options.follow_owners && owned != one.is_owner {
                change.owns.push((one.department.clone(), one.is_owner));
            }
        }
        let stays = |key: &Key| now.iter().any(|one| one.department == *key);
        let quits = before.iter().map(|one| &one.department);
        change.quits = quits.filter(|key| !stays(key)).cloned().collect();
        let main = now.first().map(|one| &one.department);
        let main_before = before.first().filter(is_in).map(|one| &one.department);
        if self.options.follow_main_department && main != main_before {
            change.main = main.cloned();
        }
        change.memberships = now;
    }
}

/// The accounts that are bound to the person, and not to somebody who had the identifier before.
fn bound_to(identity: &Identity, candidates: &Candidates) -> impl Iterator<Item = i64> {
    let is_theirs = |account: &&AccountFacts| {
        let bound = account.binding.as_ref();
        let meta = bound.and_then(|bound| bound.meta.as_ref());
        let stable_id = identity.stable_id.as_ref();
        stable_id.is_some_and(|stable_id| stable_id.confirms(meta))
    };
    candidates
        .bound
        .iter()
        .filter(is_theirs)
        .map(|account| account.id)
}

impl Candidates {
    /// The facts about one of these accounts.
    pub fn by_id(&self, id: i64) -> Option<&AccountFacts> {
        let lists = [&self.bound, &self.by_phone, &self.by_email];
        let all = self.managed.iter().chain(lists.into_iter().flatten());
        all.into_iter().find(|account| account.id == id)
    }
}
