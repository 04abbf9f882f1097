//! A model of accounts and departments in memory, to which plans are applied.

mod apply;

use std::collections::{BTreeMap, BTreeSet, HashSet};

use serde_json::json;

use crate::domain::directory::plan::{
    AccountFacts, Candidates, LocalDepartment, Planner, Removals, plan_departments,
};
use crate::domain::directory::{
    Department, Finding, Key, ManagedDepartment, ManagedPerson, Member, Membership, SourceOptions,
};
use crate::domain::identity::{Identity, StableId};
use crate::domain::sign_in_rules::Rules;
use crate::phone::Phone;

/// The account that the source acts as.
pub const ACTING: i64 = 1;

/// An account.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Account {
    pub facts: AccountFacts,
    /// Its departments on this server, each with whether it owns them.
    pub departments: BTreeMap<i64, bool>,
    pub main: Option<i64>,
}

/// Everything that exists on the server.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct World {
    pub accounts: BTreeMap<i64, Account>,
    pub departments: BTreeMap<i64, (String, Option<i64>)>,
    pub people: BTreeMap<Key, ManagedPerson>,
    pub mirror: BTreeMap<Key, ManagedDepartment>,
    next: i64,
}

/// An organization.
#[derive(Clone, Debug, Default)]
pub struct Organization {
    pub departments: Vec<Department>,
    pub members: Vec<Member>,
}

/// The result of a run.
#[derive(Debug, Default)]
pub struct Done {
    pub steps: usize,
    pub findings: Vec<Finding>,
    pub removals: Removals,
}

pub fn identity(member: &Member) -> Identity {
    let stable_id = member.stable_id.as_ref().unwrap_or(&member.key);
    Identity {
        key: member.key.as_str().to_owned(),
        subject: member.key.as_str().to_owned(),
        stable_id: Some(StableId {
            key: "unionId",
            value: stable_id.as_str().to_owned(),
        }),
        name: member.name.clone(),
        avatar: member.avatar.clone(),
        phone: member.phone.clone(),
        phone_is_unclear: member.phone_is_unclear,
        email: member.email.clone(),
        meta: json!({"userId": member.key.as_str(), "unionId": stable_id.as_str()}),
    }
}

impl World {
    pub fn new() -> Self {
        let mut world = Self::default();
        world.add(AccountFacts {
            nickname: Some("Super Admin".to_owned()),
            is_root: true,
            administers: true,
            roles: vec!["root".to_owned()],
            ..AccountFacts::default()
        });
        world
    }

    pub fn add(&mut self, mut facts: AccountFacts) -> i64 {
        self.next += 1;
        facts.id = self.next;
        let account = Account {
            facts,
            ..Account::default()
        };
        self.accounts.insert(self.next, account);
        self.next
    }

    pub fn add_department(&mut self, title: &str, parent: Option<i64>) -> i64 {
        self.next += 1;
        let row = (title.to_owned(), parent);
        self.departments.insert(self.next, row);
        self.next
    }

    /// The account of a person who is in the organization.
    pub fn of(&self, stable_id: &str) -> Option<&Account> {
        self.accounts.get(&self.people.get(stable_id)?.account?)
    }

    fn facts(&self, account: &Account) -> AccountFacts {
        let managed = self.people.values();
        let mut managed = managed.filter(|person| person.account == Some(account.facts.id));
        AccountFacts {
            managed_for: managed.next().map(|person| person.stable_id.clone()),
            ..account.facts.clone()
        }
    }

    fn candidates(&self, member: &Member) -> Candidates {
        let all = || self.accounts.values().map(|account| self.facts(account));
        let known = self.people.get(member.stable_id_or_key());
        let managed = known.and_then(|known| self.accounts.get(&known.account?));
        let identity = identity(member);
        let is_bound = |facts: &AccountFacts| {
            facts.binding.as_ref().is_some_and(|bound| {
                let stable_id = identity.stable_id.as_ref();
                bound.subject == identity.subject
                    || stable_id.is_some_and(|stable_id| stable_id.confirms(bound.meta.as_ref()))
            })
        };
        let has_phone = |facts: &AccountFacts| {
            let phone = facts.phone.as_deref().and_then(Phone::of_account);
            phone.is_some() && phone == member.phone
        };
        let has_email = |facts: &AccountFacts| {
            let of = |text: &Option<String>| text.as_deref().map(crate::email::comparable);
            facts.email.is_some() && of(&facts.email) == of(&member.email)
        };
        Candidates {
            managed: managed.map(|account| self.facts(account)),
            bound: all().filter(is_bound).collect(),
            by_phone: all().filter(has_phone).collect(),
            by_email: all().filter(has_email).collect(),
        }
    }

    /// What earlier runs have recorded of a person, with the departments that the account was taken out of
    /// since.
    fn known(&self, member: &Member) -> Option<ManagedPerson> {
        let mut known = self.people.get(member.stable_id_or_key())?.clone();
        let account = self.accounts.get(&known.account.unwrap_or_default());
        let is_in = |key: &Key| {
            let local = self.mirror.get(key).and_then(|one| one.local);
            let is_member = account.zip(local);
            is_member.is_some_and(|(account, id)| account.departments.contains_key(&id))
        };
        let departments = known.memberships.iter().map(|one| &one.department);
        known.taken_out = departments.filter(|key| !is_in(key)).cloned().collect();
        Some(known)
    }

    /// Somebody takes a person out of a department by hand.
    pub fn remove_from_inbox(&mut self, stable_id: &str, department: &str) {
        let local = self.mirror.get(department).and_then(|one| one.local);
        let account = self.people.get(stable_id).and_then(|known| known.account);
        let row = account.and_then(|id| self.accounts.get_mut(&id));
        if let (Some(department), Some(row)) = (local, row) {
            row.departments.remove(&department);
            row.main = row.main.filter(|main| *main != department);
        }
    }

    /// Does one run without a safety limit.
    pub fn run(
        &mut self,
        organization: &Organization,
        options: &SourceOptions,
        rules: &Rules,
    ) -> Done {
        let mut done = Done::default();
        let local: BTreeMap<i64, LocalDepartment> = self
            .departments
            .iter()
            .map(|(id, (title, parent))| {
                let (title, parent) = (title.clone(), *parent);
                (*id, LocalDepartment { title, parent })
            })
            .collect();
        let managed = self.mirror.values().cloned().collect();
        let wanted = organization.departments.clone();
        let departments = plan_departments(wanted, managed, Some(&local));
        let keys = organization.departments.iter().map(|one| one.key.clone());
        let keys: HashSet<Key> = keys.collect();
        let members = &organization.members;
        let mut planner = Planner::new(options, rules, ACTING, true, keys, members);
        let mut people = Vec::new();
        for member in members {
            let candidates = self.candidates(member);
            let known = self.known(member);
            let known = known.as_ref();
            let findings = &mut done.findings;
            let identity = identity(member);
            let change = planner.person(member.clone(), &identity, known, &candidates, findings);
            if let Some(change) = &change {
                let again = planner.change(member.clone(), &identity, change.decision());
                assert_eq!(again, *change);
            }
            people.extend(change);
        }
        let present: HashSet<&Key> = members.iter().map(Member::stable_id_or_key).collect();
        let gone = self.people.values();
        let gone = gone.filter(|known| !present.contains(&known.stable_id));
        let leavers: Vec<_> = gone
            .filter_map(|known| {
                let account = self.accounts.get(&known.account.unwrap_or_default());
                let facts = account.map(|account| self.facts(account));
                planner.leaver(known, facts.as_ref(), true, &mut done.findings)
            })
            .collect();
        done.removals = Removals {
            recent: 0,
            people: self.people.values().filter(|one| !one.is_gone).count(),
            leavers: leavers
                .iter()
                .map(|one| (one.person.stable_id.to_string(), one.step))
                .collect(),
            departments: self.mirror.len(),
            removed: departments
                .removals
                .iter()
                .map(|one| one.key.to_string())
                .collect(),
        };
        done.steps += self.make_departments(&departments);
        for change in people {
            done.steps += 1;
            self.apply(&change, rules);
        }
        for leaver in leavers {
            done.steps += 1;
            self.leave(&leaver.person, leaver.step, &leaver.quits, leaver.roles);
        }
        done.steps += self.remove_departments(departments.removals);
        done
    }

    /// The departments of an account by their identifiers in the organization: all of them, the
    /// main one, and those that it owns.
    pub fn seen(&self, account: &Account) -> (BTreeSet<Key>, BTreeSet<Key>, Option<Key>) {
        let named = |id: &i64| {
            let found = self.mirror.values().find(|one| one.local == Some(*id));
            found.map(|one| one.key.clone())
        };
        let all = account.departments.iter();
        let owned = all.clone().filter(|(_, is_owner)| **is_owner);
        (
            all.filter_map(|(id, _)| named(id)).collect(),
            owned.filter_map(|(id, _)| named(id)).collect(),
            account.main.as_ref().and_then(named),
        )
    }
}

pub fn member(key: &str, departments: &[&str]) -> Member {
    Member {
        stable_id: Some(format!("union-{key}").into()),
        memberships: departments
            .iter()
            .map(|key| Membership {
                department: (*key).into(),
                is_owner: false,
            })
            .collect(),
        ..Member::named(key.into(), format!("Name of {key}"))
    }
}

pub fn department(key: &str, parent: Option<&str>) -> Department {
    Department {
        key: key.into(),
        title: format!("Department {key}"),
        parent: parent.map(Into::into),
        order: None,
    }
}
