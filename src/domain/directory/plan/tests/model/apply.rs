//! Applies a plan to the model, and asserts that each change is allowed.

use super::{ACTING, World};
use crate::domain::directory::plan::{
    AccountChange, AccountFacts, BindingFacts, DepartmentsPlan, LeaverStep, PersonChange,
};
use crate::domain::directory::{Key, ManagedDepartment, ManagedPerson};
use crate::domain::sign_in_rules::Rules;

impl World {
    pub(super) fn make_departments(&mut self, plan: &DepartmentsPlan) -> usize {
        for change in &plan.changes {
            let wanted = &change.department;
            let parent = wanted.parent.as_ref();
            let parent = parent.map(|parent| self.mirror[parent].local.expect("made before"));
            let id = match change.local {
                Some(id) => {
                    assert!(!self.is_below(parent, id), "a circle");
                    let row = self.departments.get_mut(&id).expect("it is there");
                    if change.is_renamed {
                        row.0.clone_from(&wanted.title);
                    }
                    if change.is_moved {
                        row.1 = parent;
                    }
                    id
                }
                None => self.add_department(&wanted.title, parent),
            };
            let managed = ManagedDepartment {
                key: wanted.key.clone(),
                title: wanted.title.clone(),
                parent: wanted.parent.clone(),
                order: wanted.order,
                local: Some(id),
                tried_at: None,
            };
            self.mirror.insert(wanted.key.clone(), managed);
        }
        plan.changes.len()
    }

    fn is_below(&self, mut department: Option<i64>, above: i64) -> bool {
        while let Some(id) = department {
            if id == above {
                return true;
            }
            department = self.departments[&id].1;
        }
        false
    }

    fn local(&self, key: &Key) -> i64 {
        self.mirror[key].local.expect("it was made")
    }

    pub(super) fn apply(&mut self, change: &PersonChange, rules: &Rules) {
        let member = &change.member;
        let id = match change.account {
            AccountChange::Create => Some(self.add(AccountFacts {
                roles: vec!["member".to_owned()],
                ..AccountFacts::default()
            })),
            other => other.account(),
        };
        let taken = |world: &Self, of: &dyn Fn(&AccountFacts) -> bool| {
            let others = world
                .accounts
                .values()
                .filter(|other| Some(other.facts.id) != id);
            others.map(|other| &other.facts).any(of)
        };
        if let Some(phone) = &change.profile.phone {
            assert!(!taken(self, &|facts| facts.phone.as_ref() == Some(phone)));
        }
        if let Some(email) = &change.profile.email {
            assert!(!taken(self, &|facts| facts.email.as_ref() == Some(email)));
        }
        if let Some(binding) = &change.binding {
            let is_same = |facts: &AccountFacts| {
                let bound = facts.binding.as_ref();
                bound.is_some_and(|bound| bound.subject == binding.subject)
            };
            assert!(!taken(self, &is_same), "two accounts of one person");
        }
        if let Some(id) = id {
            // A department that was left with the access may be gone since.
            let known = |keys: &[Key]| {
                let keys = keys.iter().filter(|key| self.mirror.contains_key(*key));
                keys.cloned().collect::<Vec<_>>()
            };
            let locals = |keys: &[Key]| {
                known(keys)
                    .iter()
                    .map(|key| self.local(key))
                    .collect::<Vec<_>>()
            };
            let (joins, quits) = (locals(&change.joins), locals(&change.quits));
            let owns = change
                .owns
                .iter()
                .map(|(key, is_owner)| (self.local(key), *is_owner));
            let owns: Vec<_> = owns.collect();
            let main = change.main.as_ref().map(|key| self.local(key));
            let account = self.accounts.get_mut(&id).expect("it is there");
            let facts = &mut account.facts;
            let profile = change.profile.clone();
            facts.nickname = profile.nickname.or(facts.nickname.take());
            facts.phone = profile.phone.or(facts.phone.take());
            facts.email = profile.email.or(facts.email.take());
            if let Some(binding) = &change.binding {
                let kept = facts.binding.take().unwrap_or_default();
                facts.binding = Some(BindingFacts {
                    subject: binding.subject.clone(),
                    nickname: binding.nickname.clone(),
                    avatar: binding.avatar.clone().unwrap_or(kept.avatar),
                    meta: Some(binding.meta.clone()),
                });
            }
            if let Some(roles) = &change.roles {
                facts.roles.clone_from(roles);
                if facts.roles.is_empty() {
                    facts.roles.push("member".to_owned());
                }
                assert_eq!(*roles, rules.roles);
            }
            for department in joins {
                account.departments.entry(department).or_insert(false);
            }
            for (department, is_owner) in owns {
                account.departments.insert(department, is_owner);
            }
            if let Some(main) = main {
                assert!(account.departments.contains_key(&main));
                account.main = Some(main);
            }
            for department in quits {
                account.departments.remove(&department);
            }
        }
        let known = self.people.get(member.stable_id_or_key());
        let managed = ManagedPerson {
            stable_id: member.stable_id_or_key().clone(),
            key: member.key.clone(),
            account: id,
            is_gone: false,
            memberships: change.memberships.clone(),
            taken_out: Vec::new(),
            roles: known.map(|known| known.roles.clone()).unwrap_or_default(),
            digest: member.digest(),
            tried_at: None,
        };
        self.people
            .insert(member.stable_id_or_key().clone(), managed);
    }

    pub(super) fn leave(
        &mut self,
        person: &ManagedPerson,
        step: LeaverStep,
        quits: &[Key],
        roles: Vec<String>,
    ) {
        if step == LeaverStep::Wait {
            return;
        }
        let quits: Vec<_> = quits.iter().map(|key| self.local(key)).collect();
        let mut account = person.account;
        if let Some(id) = account.filter(|_| step != LeaverStep::Remember) {
            assert!(id != ACTING && !self.accounts[&id].facts.is_root);
            let row = self.accounts.get_mut(&id).expect("it is there");
            for department in quits {
                row.departments.remove(&department);
            }
            row.main = None;
            match step {
                LeaverStep::EndAccess => {
                    row.facts.roles.clear();
                    row.facts.binding = None;
                }
                LeaverStep::Unbind => row.facts.binding = None,
                LeaverStep::Delete => {
                    self.accounts.remove(&id);
                    account = None;
                }
                LeaverStep::Remember | LeaverStep::Wait => {}
            }
        }
        let managed = ManagedPerson {
            account,
            is_gone: true,
            roles,
            ..person.clone()
        };
        self.people.insert(person.stable_id.clone(), managed);
    }

    pub(super) fn remove_departments(&mut self, removals: Vec<ManagedDepartment>) -> usize {
        let count = removals.len();
        for department in removals {
            self.mirror.remove(&department.key);
            let Some(id) = department.local else { continue };
            let has_children = self
                .departments
                .values()
                .any(|(_, parent)| *parent == Some(id));
            let mut accounts = self.accounts.values();
            if !has_children && !accounts.any(|account| account.departments.contains_key(&id)) {
                self.departments.remove(&id);
            }
        }
        count
    }
}
