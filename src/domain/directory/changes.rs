//! Describes the changes of a plan as rows for people to read.

use super::apply::Plan;
use super::plan::{AccountChange, Counts, DepartmentChange, Leaver, LeaverStep, PersonChange};
use super::{Finding, Key, ManagedDepartment, Severity};
use crate::store::NewFinding;

/// The severity that marks a change, as opposed to a finding.
const CHANGE: &str = "change";

/// One row for each change.
pub fn changes(plan: &Plan) -> Vec<NewFinding> {
    let mut told = Vec::new();
    told.extend(plan.departments.changes.iter().filter_map(of_department));
    told.extend(plan.people.iter().filter_map(of_person));
    told.extend(plan.leavers.iter().filter_map(of_leaver));
    told.extend(plan.departments.removals.iter().map(of_removal));
    told
}

/// The row of a finding.
pub fn noticed(finding: Finding, name: Option<String>) -> NewFinding {
    NewFinding {
        kind: finding.kind.name(),
        severity: match finding.kind.severity() {
            Severity::Note => "note",
            Severity::Conflict => "conflict",
            Severity::Error => "error",
        },
        person_id: finding.person.map(|key| key.to_string()),
        person_name: name,
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

fn of_person(one: &PersonChange) -> Option<NewFinding> {
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
        AccountChange::Keep(_) | AccountChange::None => "changeDepartments",
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

fn of_leaver(one: &Leaver) -> Option<NewFinding> {
    let kind = match one.step {
        LeaverStep::Remember => return None,
        LeaverStep::EndAccess => "endAccess",
        LeaverStep::Unbind => "unbind",
        LeaverStep::Delete => "deleteAccount",
    };
    Some(NewFinding {
        person_id: Some(one.person.key.to_string()),
        accounts: one.person.account.into_iter().collect(),
        ..change(kind)
    })
}

/// Counts the changes of a plan.
pub fn intended(plan: &Plan) -> Counts {
    let mut counts = Counts::default();
    for one in &plan.people {
        match one.account {
            AccountChange::Create => counts.created += 1,
            AccountChange::Link(_) => counts.linked += 1,
            AccountChange::Adopt(_) => counts.adopted += 1,
            AccountChange::Keep(_) if one.roles.is_some() => counts.returned += 1,
            AccountChange::Keep(_) => counts.updated += u64::from(!one.profile.is_empty()),
            AccountChange::None => {}
        }
    }
    counts.left = plan.leavers.len() as u64;
    for one in &plan.departments.changes {
        counts.departments_created += u64::from(one.is_new);
        counts.departments_changed += u64::from(one.is_renamed || one.is_moved);
    }
    counts.departments_removed = plan.departments.removals.len() as u64;
    counts
}
