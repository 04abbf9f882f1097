//! Changes of people and departments.

use serde::Deserialize;

use super::{Department, Departments, Directory, Happening, Leave, ROOT};
use crate::state::person::{Membership, Person, Standing};

/// Why a change is not possible.
#[derive(Debug, thiserror::Error)]
pub enum DirectoryError {
    /// No person has this sandbox id.
    #[error("no such person: {0}")]
    UnknownPerson(String),
    /// Another person has this sandbox id.
    #[error("there is a person {0} already")]
    KnownPerson(String),
    /// The person does not work there, so they cannot leave.
    #[error("{0} is no employee")]
    NotEmployed(String),
    /// The person works there already, so they cannot come back.
    #[error("{0} has not left")]
    NotLeft(String),
    /// The organization does not exist.
    #[error("no such organization: {0}")]
    UnknownOrganization(String),
    /// The department does not exist.
    #[error("no such department: {0}")]
    UnknownDepartment(i64),
    /// Another department has this id.
    #[error("there is a department {0} already")]
    KnownDepartment(i64),
    /// A department would be moved below itself, or the root below a department.
    #[error("department {0} cannot be put there")]
    Circle(i64),
    /// Only empty departments can be removed.
    #[error("department {0} is not empty, or the organization itself")]
    InUse(i64),
}

/// A department to create.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewDepartment {
    /// Its name.
    pub name: String,
    /// The id; any free one by default.
    pub id: Option<i64>,
    /// The parent; the root by default.
    pub parent_id: Option<i64>,
    /// The position among its siblings; the last by default.
    pub order: Option<i64>,
}

/// Changes of a department. Values that are absent stay.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DepartmentChange {
    /// The new name.
    pub name: Option<String>,
    /// The new parent.
    pub parent_id: Option<i64>,
    /// The new position among its siblings.
    pub order: Option<i64>,
}

impl Directory {
    /// Adds a person. Like the other methods about people, it returns the events that this causes.
    pub fn hire(&mut self, person: Person) -> Result<Vec<Happening>, DirectoryError> {
        self.check_departments(&person)?;
        let happenings = Happening::between(None, &person);
        let id = person.id.clone();
        if self.people.add(person) {
            Ok(happenings)
        } else {
            Err(DirectoryError::KnownPerson(id))
        }
    }

    /// Replaces the record of the person with the same id.
    pub fn change(&mut self, person: Person) -> Result<Vec<Happening>, DirectoryError> {
        self.check_departments(&person)?;
        match self.people.replace(person.clone()) {
            Some(before) => Ok(Happening::between(Some(&before), &person)),
            None => Err(DirectoryError::UnknownPerson(person.id)),
        }
    }

    /// Ends a person's employment. The account stays, and the organization's record is removed.
    pub fn dismiss(
        &mut self,
        id: &str,
        reason: &str,
        now: i64,
    ) -> Result<Vec<Happening>, DirectoryError> {
        let mut person = self.known(id)?;
        if !person.is_employee_of(&person.corp_id) {
            return Err(DirectoryError::NotEmployed(id.to_owned()));
        }
        self.leaves.push(Leave {
            corp_id: person.corp_id.clone(),
            userid: person.userid.clone(),
            name: person.name.clone(),
            mobile: person.mobile.clone(),
            state_code: person.state_code.clone(),
            at: now,
            reason: reason.to_owned(),
        });
        person.standing = Standing::Former;
        person.departments = Vec::new();
        person.admin = false;
        self.change(person)
    }

    /// Employs a person again who had left. The account is the same, so the unionid is, too.
    pub fn rehire(
        &mut self,
        id: &str,
        userid: String,
        departments: Vec<Membership>,
    ) -> Result<Vec<Happening>, DirectoryError> {
        let mut person = self.known(id)?;
        if person.standing != Standing::Former {
            return Err(DirectoryError::NotLeft(id.to_owned()));
        }
        person.standing = Standing::Employee;
        person.userid = userid;
        person.departments = departments;
        self.change(person)
    }

    /// Creates a department and returns its id.
    pub fn create_department(
        &mut self,
        corp_id: &str,
        new: NewDepartment,
    ) -> Result<i64, DirectoryError> {
        let tree = self.tree(corp_id)?;
        let parent = new.parent_id.unwrap_or(ROOT);
        if tree.get(parent).is_none() {
            return Err(DirectoryError::UnknownDepartment(parent));
        }
        let id = match new.id {
            Some(id) if tree.get(id).is_some() => return Err(DirectoryError::KnownDepartment(id)),
            Some(id) => id,
            None => tree.free_id(),
        };
        let last = tree.below(parent).last().map_or(0, |last| last.order);
        tree.put(Department {
            id,
            name: new.name,
            parent_id: Some(parent),
            order: new.order.unwrap_or_else(|| last.saturating_add(1)),
        });
        Ok(id)
    }

    /// Changes the name, parent or position of a department.
    pub fn change_department(
        &mut self,
        corp_id: &str,
        id: i64,
        change: DepartmentChange,
    ) -> Result<Department, DirectoryError> {
        let tree = self.tree(corp_id)?;
        let known = tree.get(id).cloned();
        let mut department = known.ok_or(DirectoryError::UnknownDepartment(id))?;
        if let Some(parent) = change.parent_id {
            if tree.get(parent).is_none() {
                return Err(DirectoryError::UnknownDepartment(parent));
            }
            if id == ROOT || tree.upwards(parent).contains(&id) {
                return Err(DirectoryError::Circle(id));
            }
            department.parent_id = Some(parent);
        }
        department.name = change.name.unwrap_or(department.name);
        department.order = change.order.unwrap_or(department.order);
        tree.put(department.clone());
        Ok(department)
    }

    /// Removes an empty department.
    pub fn remove_department(&mut self, corp_id: &str, id: i64) -> Result<(), DirectoryError> {
        let has_members = self.people.members(corp_id, id).next().is_some();
        let tree = self.tree(corp_id)?;
        if tree.get(id).is_none() {
            return Err(DirectoryError::UnknownDepartment(id));
        }
        if has_members || id == ROOT || !tree.below(id).is_empty() {
            return Err(DirectoryError::InUse(id));
        }
        tree.remove(id);
        Ok(())
    }

    fn tree(&mut self, corp_id: &str) -> Result<&mut Departments, DirectoryError> {
        let organization = self.organizations.get_mut(corp_id);
        let unknown = || DirectoryError::UnknownOrganization(corp_id.to_owned());
        Ok(&mut organization.ok_or_else(unknown)?.departments)
    }

    fn known(&self, id: &str) -> Result<Person, DirectoryError> {
        let person = self.people.by_id(id).cloned();
        person.ok_or_else(|| DirectoryError::UnknownPerson(id.to_owned()))
    }

    fn check_departments(&self, person: &Person) -> Result<(), DirectoryError> {
        let mut ids = person.departments.iter().map(|membership| membership.id);
        let unknown = ids.find(|id| self.department(&person.corp_id, *id).is_none());
        unknown.map_or(Ok(()), |id| Err(DirectoryError::UnknownDepartment(id)))
    }
}
