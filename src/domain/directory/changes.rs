//! Describes the changes of a plan as rows for people to read.

use super::plan::{AccountChange, Counts, DepartmentChange, DepartmentsPlan, Leaver, PersonChange};
use super::{Finding, Key, ManagedDepartment};
use crate::store::NewFinding;

/// The severity that marks a change, as opposed to a finding.
const CHANGE: &str = "change";

/// The rows of changes to departments.
pub fn of_departments(plan: &DepartmentsPlan) -> impl Iterator<Item = NewFinding> {
    let changes = plan.changes.iter().filter_map(of_department);
    changes.chain(plan.removals.iter().map(of_removal))
}

/// The row of a finding.
pub fn noticed(finding: Finding) -> NewFinding {
    NewFinding {
        kind: finding.kind.name(),
        severity: finding.kind.severity().name(),
        person_id: finding.person.map(|key| key.to_string()),
        person_name: finding.name,
        department_id: finding.department.map(|key| key.to_string()),
        accounts: finding.accounts,
        detail: finding.detail,
    }
}

fn change(kind: &'static str) -> NewFinding {
    NewFinding {
        kind,
        severity: CHANGE,
        person_id: None,
        person_name: None,
        department_id: None,
        accounts: Vec::new(),
        detail: None,
    }
}

fn of_department(one: &DepartmentChange) -> Option<NewFinding> {
    let kind = if one.is_new {
        "createDepartment"
    } else if one.is_moved {
        "moveDepartment"
    } else if one.is_renamed {
        "renameDepartment"
    } else {
        return None;
    };
    Some(NewFinding {
        department_id: Some(one.department.key.to_string()),
        detail: Some(one.department.title.clone()),
        ..change(kind)
    })
}

fn of_removal(one: &ManagedDepartment) -> NewFinding {
    NewFinding {
        department_id: Some(one.key.to_string()),
        detail: Some(one.title.clone()),
        ..change("removeDepartment")
    }
}

/// The row of the changes for a person, if an account has to change.
pub fn of_person(one: &PersonChange) -> Option<NewFinding> {
    if !one.has_steps() {
        return None;
    }
    let kind = match one.account {
        AccountChange::Create => "createAccount",
        AccountChange::Link(_) => "linkAccount",
        AccountChange::Adopt(_) => "adoptAccount",
        AccountChange::Keep(_) if one.roles.is_some() => "returnAccount",
        AccountChange::Keep(_) if one.binding.is_some() || !one.profile.is_empty() => {
            "updateAccount"
        }
        AccountChange::Keep(_) | AccountChange::Others(_) | AccountChange::None => {
            "changeDepartments"
        }
    };
    let list = |keys: &[Key], sign: char| {
        let keys = keys.iter().map(|key| format!("{sign}{key}"));
        keys.collect::<Vec<_>>()
    };
    let mut departments = list(&one.joins, '+');
    departments.extend(list(&one.quits, '-'));
    Some(NewFinding {
        person_id: Some(one.member.key.to_string()),
        person_name: Some(one.member.name.clone()),
        accounts: one.account.account().into_iter().collect(),
        detail: (!departments.is_empty()).then(|| departments.join(" ")),
        ..change(kind)
    })
}

/// The row of the change for a person who is gone, if there is one.
pub fn of_leaver(one: &Leaver) -> Option<NewFinding> {
    let kind = one.step.name()?;
    Some(NewFinding {
        person_id: Some(one.person.key.to_string()),
        accounts: one.person.account.into_iter().collect(),
        ..change(kind)
    })
}

impl Counts {
    /// Counts the changes of a person.
    pub(super) fn add_person(&mut self, one: &PersonChange) {
        match one.account {
            AccountChange::Create => self.created += 1,
            AccountChange::Link(_) => self.linked += 1,
            AccountChange::Adopt(_) => self.adopted += 1,
            AccountChange::Keep(_) if one.roles.is_some() => self.returned += 1,
            AccountChange::Keep(_) => self.updated += u64::from(!one.profile.is_empty()),
            AccountChange::Others(_) | AccountChange::None => {}
        }
    }

    /// Counts the changes to departments.
    pub(super) fn add_departments(&mut self, plan: &DepartmentsPlan) {
        for one in &plan.changes {
            self.departments_created += u64::from(one.is_new);
            self.departments_changed += u64::from(one.is_renamed || one.is_moved);
        }
        self.departments_removed += plan.removals.len() as u64;
    }
}
