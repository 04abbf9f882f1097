//! The directory: organisations, their departments, and all people with a DingTalk account.
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

/// An organisation.
struct Organisation {
    name: String,
    departments: Departments,
}

/// A person who left an organisation, as `empLeaveRecords` lists them.
#[derive(Clone, Debug)]
pub struct Leave {
    /// The organisation.
    pub corp_id: String,
    /// The identifier that the person had there.
    pub userid: String,
    /// The name in the organisation.
    pub name: String,
    /// The phone number in the organisation's record, without country code.
    pub mobile: Option<String>,
    /// The country code of that phone.
    pub state_code: Option<String>,
    /// The time of leaving, in seconds since 1970.
    pub at: i64,
    /// The way of leaving, in DingTalk's words: `oapi`, `cancel`, `leave`, `unknown` or `delete`.
    pub reason: String,
}

/// All organisations and all people.
#[derive(Default)]
pub struct Directory {
    organisations: BTreeMap<String, Organisation>,
    people: People,
    leaves: Vec<Leave>,
}

impl Directory {
    /// Adds an organisation, unless one with this id exists.
    pub fn found(&mut self, corp_id: &str, name: &str) {
        self.organisations
            .entry(corp_id.to_owned())
            .or_insert_with(|| Organisation {
                name: name.to_owned(),
                departments: Departments::of_organisation(name),
            });
    }

    /// Whether an organisation exists.
    pub fn has_organisation(&self, corp_id: &str) -> bool {
        self.organisations.contains_key(corp_id)
    }

    /// The name of an organisation; its id if it has none.
    pub fn organisation_name<'a>(&'a self, corp_id: &'a str) -> &'a str {
        self.organisations
            .get(corp_id)
            .map_or(corp_id, |organisation| &organisation.name)
    }

    /// The departments of an organisation.
    pub fn departments(&self, corp_id: &str) -> Option<&Departments> {
        let organisation = self.organisations.get(corp_id)?;
        Some(&organisation.departments)
    }

    /// A department of an organisation.
    pub fn department(&self, corp_id: &str, id: i64) -> Option<&Department> {
        self.departments(corp_id)?.get(id)
    }

    /// All people.
    pub fn people(&self) -> &People {
        &self.people
    }

    /// The people who left an organisation, in the order of leaving.
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
