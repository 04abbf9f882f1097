//! The directory: organisations, their departments, and everybody who has a DingTalk account.
//!
//! Nothing in here speaks HTTP or knows an app; `oapi` and `v1` show it, `control` changes it.

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

/// Somebody who left an organisation, as `empLeaveRecords` tells of them.
#[derive(Clone, Debug)]
pub struct Leave {
    /// The organisation.
    pub corp_id: String,
    /// Identifier that the person had there.
    pub userid: String,
    /// Name in the organisation.
    pub name: String,
    /// Phone in the organisation's record, without country code.
    pub mobile: Option<String>,
    /// Country code of that phone.
    pub state_code: Option<String>,
    /// When, in seconds since 1970.
    pub at: i64,
    /// How: DingTalk says `oapi`, `cancel`, `leave`, `unknown` or `delete`.
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
    /// Adds an organisation, unless there is one with this id.
    pub fn found(&mut self, corp_id: &str, name: &str) {
        self.organisations
            .entry(corp_id.to_owned())
            .or_insert_with(|| Organisation {
                name: name.to_owned(),
                departments: Departments::of_organisation(name),
            });
    }

    /// Whether an organisation is known.
    pub fn has_organisation(&self, corp_id: &str) -> bool {
        self.organisations.contains_key(corp_id)
    }

    /// Name of an organisation; its id if it has none here.
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

    /// Everybody.
    pub fn people(&self) -> &People {
        &self.people
    }

    /// Who left an organisation, the first one first.
    pub fn leaves(&self, corp_id: &str) -> impl Iterator<Item = &Leave> {
        self.leaves
            .iter()
            .filter(move |leave| leave.corp_id == corp_id)
    }

    /// Whether a department is one of those given, or below one of them.
    pub fn is_within(&self, corp_id: &str, id: i64, given: &[i64]) -> bool {
        if given.contains(&ROOT) {
            return true;
        }
        let path = self.departments(corp_id).map(|tree| tree.upwards(id));
        path.is_some_and(|path| path.iter().any(|id| given.contains(id)))
    }

    /// Names of the departments that somebody is in.
    pub fn names_of<'a>(&'a self, person: &'a Person) -> impl Iterator<Item = &'a str> {
        let departments = person.departments.iter();
        departments.filter_map(|membership| {
            let department = self.department(&person.corp_id, membership.id)?;
            Some(department.name.as_str())
        })
    }
}
