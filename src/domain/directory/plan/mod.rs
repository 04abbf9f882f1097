//! What has to change so that what is managed here is as the organisation is.
//!
//! The plan is worked out from what the organisation says, from what is managed, and from facts about
//! accounts that the caller has looked up: nothing here asks anybody anything. It holds an entry for each
//! person and department that something is to be done for, and none for the others.

mod account;
mod departments;
mod leavers;
mod person;
mod profile;
mod safety;
#[cfg(test)]
mod tests;

pub use departments::{DepartmentChange, DepartmentsPlan, LocalDepartment, plan_departments};
pub use leavers::{Leaver, LeaverStep};
pub use person::{AccountChange, Candidates, PersonChange};
pub use safety::{Counts, Removals};

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use super::{Key, Member, SourceOptions};
use crate::domain::sign_in_rules::Rules;

/// An account, as far as a plan asks about it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AccountFacts {
    /// Its id.
    pub id: i64,
    /// Display name.
    pub nickname: Option<String>,
    /// Phone number, as somebody wrote it.
    pub phone: Option<String>,
    /// E-mail address.
    pub email: Option<String>,
    /// Names of its roles. In front of a NocoBase, those of its departments are not among them.
    pub roles: Vec<String>,
    /// Whether it has the role root.
    pub is_root: bool,
    /// Whether a role of it opens settings.
    pub administers: bool,
    /// What binds it at the authenticator of the source.
    pub binding: Option<BindingFacts>,
    /// The person that it is managed for.
    pub managed_for: Option<Key>,
}

/// What binds an account.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BindingFacts {
    /// Who this is at the provider.
    pub subject: String,
    /// Display name.
    pub nickname: String,
    /// Address of a picture.
    pub avatar: String,
    /// The provider's identifiers.
    pub meta: Option<Value>,
}

/// What plans of all people of a run have in common.
pub struct Planner<'a> {
    /// What is copied.
    pub options: &'a SourceOptions,
    /// The rules of the authenticator by which accounts are linked, and the roles of new ones.
    pub rules: &'a Rules,
    /// The account that the source acts as.
    pub acting: i64,
    /// Whether people are put into departments here.
    pub has_departments: bool,
    /// The departments that are there after the run.
    departments: HashSet<Key>,
    /// Phone numbers and mailboxes that more than one person has. They link nobody and are not copied.
    repeated: HashSet<String>,
    /// Accounts that people of this plan have.
    claimed: HashMap<i64, Key>,
}

impl<'a> Planner<'a> {
    /// A planner for an organisation with these departments and people.
    pub fn new(
        options: &'a SourceOptions,
        rules: &'a Rules,
        acting: i64,
        has_departments: bool,
        departments: HashSet<Key>,
        members: &[Member],
    ) -> Self {
        let mut seen = HashSet::new();
        let mut repeated = HashSet::new();
        for member in members {
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

    /// Says that somebody who is not in this plan has the same phone number or mailbox, too.
    pub fn repeats(&mut self, text: String) {
        self.repeated.insert(text);
    }

    fn follows_departments(&self) -> bool {
        self.has_departments && self.options.follow_departments
    }
}
