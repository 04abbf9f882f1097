//! The directory: organizations, their departments, and all people with a DingTalk account.
//!
//! This module does not know HTTP or apps. `oapi` and `v1` show its data, and `control` changes it.

mod change;
mod departments;
mod generate;
mod happening;
mod people;

use std::collections::BTreeMap;

pub use change::{DepartmentChange, DirectoryError, NewDepartment};
pub use departments::{Department, Departments, ROOT};
pub use generate::Company;
pub use happening::Happening;
pub use people::{Listed, People};

use crate::state::person::Person;

/// An organization.
struct Organization {
    name: String,
    departments: Departments,
}

/// A person who left an organization, as `empLeaveRecords` lists them.
#[derive(Clone, Debug)]
pub struct Leave {
    /// The organization.
    pub corp_id: String,
    /// The identifier that the person had there.
    pub userid: String,
    /// The name in the organization.
    pub name: String,
    /// The phone number in the organization's record, without country code.
    pub mobile: Option<String>,
    /// The country code of that phone.
    pub state_code: Option<String>,
    /// The time of leaving, in seconds since 1970.
    pub at: i64,
    /// The way of leaving, in DingTalk's words: `oapi`, `cancel`, `leave`, `unknown` or `delete`.
    pub reason: String,
}

/// All organizations and all people.
#[derive(Default)]
pub struct Directory {
    organizations: BTreeMap<String, Organization>,
    people: People,
    leaves: Vec<Leave>,
}

impl Directory {
    /// Adds an organization, unless one with this id exists.
    pub fn found(&mut self, corp_id: &str, name: &str) {
        self.organizations
            .entry(corp_id.to_owned())
            .or_insert_with(|| Organization {
                name: name.to_owned(),
                departments: Departments::of_organization(name),
            });
    }

    /// Whether an organization exists.
    pub fn has_organization(&self, corp_id: &str) -> bool {
        self.organizations.contains_key(corp_id)
    }

    /// The name of an organization; its id if it has none.
    pub fn organization_name<'a>(&'a self, corp_id: &'a str) -> &'a str {
        self.organizations
            .get(corp_id)
            .map_or(corp_id, |organization| &organization.name)
    }

    /// The departments of an organization.
    pub fn departments(&self, corp_id: &str) -> Option<&Departments> {
        let organization = self.organizations.get(corp_id)?;
        Some(&organization.departments)
    }

    /// A department of an organization.
    pub fn department(&self, corp_id: &str, id: i64) -> Option<&Department> {
        self.departments(corp_id)?.get(id)
    }

    /// All people.
    pub fn people(&self) -> &People {
        &self.people
    }

    /// The people who left an organization, in the order of leaving.
    pub fn leaves(&self, corp_id: &str) -> impl Iterator<Item = &Leave> {
        self.leaves
            .iter()
            .filter(move |leave| leave.corp_id == corp_id)
    }

    /// Whether a department is one of these, or below one of them.
    pub fn is_within(&self, corp_id: &str, id: i64, given: &[i64]) -> bool {
        if given.contains(&ROOT) {
            return true;
        }
        let path = self.departments(corp_id).map(|tree| tree.upwards(id));
        path.is_some_and(|path| path.iter().any(|id| given.contains(id)))
    }

    /// The names of a person's departments.
    pub fn names_of<'a>(&'a self, person: &'a Person) -> impl Iterator<Item = &'a str> {
        let departments = person.departments.iter();
        departments.filter_map(|membership| {
            let department = self.department(&person.corp_id, membership.id)?;
            Some(department.name.as_str())
        })
    }
}
