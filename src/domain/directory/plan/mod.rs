//! The plan: what has to change so that this server matches the organization.
//!
//! A plan is computed from the data of the organization, from the records of earlier runs, and from
//! facts about accounts that the caller has looked up, without any query. It has an entry for each
//! person and department that has to change, and none for others.

mod account;
mod decision;
mod departments;
mod leavers;
mod person;
mod profile;
mod safety;
#[cfg(test)]
mod tests;

pub use decision::Decision;
pub use departments::{DepartmentChange, DepartmentsPlan, LocalDepartment, plan_departments};
pub use leavers::{Leaver, LeaverStep, belongs_to};
pub use person::{AccountChange, Candidates, PersonChange};
pub use safety::{Counts, Removals};

use std::borrow::Borrow;
use std::collections::{HashMap, HashSet};

use serde_json::Value;

use super::{Key, Member, SourceOptions};
use crate::domain::identity;
use crate::domain::sign_in_rules::Rules;

/// The facts about an account that a plan needs.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AccountFacts {
    /// The id.
    pub id: i64,
    /// Display name.
    pub nickname: Option<String>,
    /// Phone number, in the form in which it was entered.
    pub phone: Option<String>,
    /// E-mail address.
    pub email: Option<String>,
    /// The names of its roles. With a NocoBase, roles of departments are not included.
    pub roles: Vec<String>,
    /// Whether it has the root role.
    pub is_root: bool,
    /// Whether any of its roles administers this server.
    pub administers: bool,
    /// Its binding at the authenticator of the source.
    pub binding: Option<BindingFacts>,
    /// The person for whom it is managed.
    pub managed_for: Option<Key>,
    /// Whether another source manages it, too, for somebody who is in the organization.
    pub is_in_another_source: bool,
}

/// The binding of an account.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BindingFacts {
    /// The person's identifier at the provider.
    pub subject: String,
    /// Display name.
    pub nickname: String,
    /// The address of a picture.
    pub avatar: String,
    /// The identifiers of the provider.
    pub meta: Option<Value>,
}

impl BindingFacts {
    /// Whether the binding names the person with one of these identifiers.
    pub fn names(&self, identifiers: &[&str]) -> bool {
        let mut all = identifiers.iter();
        all.any(|one| identity::names(&self.subject, self.meta.as_ref(), one))
    }
}

/// The context of a plan, which all its people share.
pub struct Planner<'a> {
    /// The options of the source.
    pub options: &'a SourceOptions,
    /// The rules of the authenticator, which say how accounts are linked and which roles new ones
    /// get.
    pub rules: &'a Rules,
    /// The account that the source acts as.
    pub acting: i64,
    /// Whether the server has departments.
    pub has_departments: bool,
    /// The departments that exist after the run.
    departments: HashSet<Key>,
    /// Phone numbers and email addresses that several people have. They link nobody and are not
    /// copied.
    repeated: HashSet<String>,
    /// The accounts that the plan has already given to people.
    claimed: HashMap<i64, Key>,
}

impl<'a> Planner<'a> {
    /// Creates a planner for an organization with these departments and people.
    pub fn new(
        options: &'a SourceOptions,
        rules: &'a Rules,
        acting: i64,
        has_departments: bool,
        departments: HashSet<Key>,
        members: impl IntoIterator<Item = impl Borrow<Member>>,
    ) -> Self {
        let mut seen = HashSet::new();
        let mut repeated = HashSet::new();
        for member in members {
            let member: &Member = member.borrow();
            let phone = member.phone.as_ref().map(|phone| phone.e164().to_owned());
            let email = member.email.as_deref().map(crate::email::comparable);
            for text in [phone, email].into_iter().flatten() {
                if !seen.insert(text.clone()) {
                    repeated.insert(text);
                }
            }
        }
        Self {
            options,
            rules,
            acting,
            has_departments,
            departments,
            repeated,
            claimed: HashMap::new(),
        }
    }

    /// Adds a phone number or email address that somebody outside this plan has, too.
    pub fn repeats(&mut self, text: String) {
        self.repeated.insert(text);
    }

    fn follows_departments(&self) -> bool {
        self.has_departments && self.options.follow_departments
    }
}
