//! Describes the changes of a plan as rows for people to read.

use super::plan::{
    AccountChange, AccountFacts, Counts, DepartmentChange, DepartmentsPlan, Leaver, PersonChange,
};
use super::{Finding, Key, ManagedDepartment};
use crate::domain::profile::Field;
use crate::store::NewReportRow;

/// The severity that marks a change, as opposed to a finding.
const CHANGE: &str = "change";

/// The rows of changes to departments.
pub fn of_departments(plan: &DepartmentsPlan) -> impl Iterator<Item = NewReportRow> {
    let changes = plan.changes.iter().filter_map(of_department);
    changes.chain(plan.removals.iter().map(of_removal))
}

/// The row of a finding.
pub fn row_of_finding(finding: Finding) -> NewReportRow {
    NewReportRow {
        kind: finding.kind.name(),
        severity: finding.kind.severity().name(),
        person_id: finding.person.map(|key| key.to_string()),
        person_name: finding.name,
        department_id: finding.department.map(|key| key.to_string()),
        accounts: finding.accounts,
        detail: finding.detail,
    }
}

fn change(kind: &'static str) -> NewReportRow {
    NewReportRow {
        kind,
        severity: CHANGE,
        person_id: None,
        person_name: None,
        department_id: None,
        accounts: Vec::new(),
        detail: None,
    }
}

fn of_department(one: &DepartmentChange) -> Option<NewReportRow> {
    let kind = if one.is_new {
        "createDepartment"
    } else if one.is_moved {
        "moveDepartment"
    } else if one.is_renamed {
        "renameDepartment"
    } else {
        return None;
    };
    Some(NewReportRow {
        department_id: Some(one.department.key.to_string()),
        detail: Some(one.department.title.clone()),
        ..change(kind)
    })
}

fn of_removal(one: &ManagedDepartment) -> NewReportRow {
    NewReportRow {
        department_id: Some(one.key.to_string()),
        detail: Some(one.title.clone()),
        ..change("removeDepartment")
    }
}

/// What becomes of the account of a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccountEvent {
    /// It is created.
    Create,
    /// It existed, and is linked to the person.
    Link,
    /// It was bound to the person, and is managed from now on.
    Adopt,
    /// The person is back and gets it again.
    Return,
    /// Its data or its binding changes.
    Update,
    /// Only its departments change.
    Departments,
}

impl AccountEvent {
    /// Its name, which stays the same.
    fn name(self) -> &'static str {
        match self {
            Self::Create => "createAccount",
            Self::Link => "linkAccount",
            Self::Adopt => "adoptAccount",
            Self::Return => "returnAccount",
            Self::Update => "updateAccount",
            Self::Departments => "changeDepartments",
        }
    }
}

impl PersonChange {
    /// What becomes of the account, for findings, counts and the audit trail alike; none when only
    /// the record changes.
    pub fn event(&self) -> Option<AccountEvent> {
        Some(match self.account {
            AccountChange::Create => AccountEvent::Create,
            AccountChange::Link(_) => AccountEvent::Link,
            AccountChange::Adopt(_) => AccountEvent::Adopt,
            AccountChange::Keep(_) if self.roles.is_some() => AccountEvent::Return,
            AccountChange::Keep(_) if self.binding.is_some() || !self.profile.is_empty() => {
                AccountEvent::Update
            }
            _ if self.has_steps() => AccountEvent::Departments,
            _ => return None,
        })
    }
}

/// The row of the changes for a person, if an account has to change. `before` holds the facts about
/// the account, if it exists.
pub fn of_person(one: &PersonChange, before: Option<&AccountFacts>) -> Option<NewReportRow> {
    let event = one.event()?;
    let mut details = before.map_or_else(Vec::new, |before| changed_fields(one, before));
    let list = |keys: &[Key], sign: char| {
        let keys = keys.iter().map(|key| format!("{sign}{key}"));
        keys.collect::<Vec<_>>()
    };
    let mut departments = list(&one.joins, '+');
    departments.extend(list(&one.quits, '-'));
    if !departments.is_empty() {
        details.push(departments.join(" "));
    }
    Some(NewReportRow {
        person_id: Some(one.member.key.to_string()),
        person_name: Some(one.member.name.clone()),
        accounts: one.account.account().into_iter().collect(),
        detail: (!details.is_empty()).then(|| details.join(BETWEEN)),
        ..change(event.name())
    })
}

/// What stands between the parts of a detail.
pub const BETWEEN: &str = "; ";

/// The fields of an existing account that change, each with its value before and after. The values
/// of added columns, and pictures, are not known from before.
fn changed_fields(one: &PersonChange, before: &AccountFacts) -> Vec<String> {
    let profile = &one.profile;
    let fields = [
        (Field::Nickname, &before.nickname, &profile.nickname),
        (Field::Phone, &before.phone, &profile.phone),
        (Field::Email, &before.email, &profile.email),
    ];
    let fields = fields.into_iter().filter_map(|(field, old, new)| {
        let old = old.as_deref().filter(|old| !old.is_empty());
        let (old, new) = (old.unwrap_or("–"), new.as_ref()?);
        Some(format!("{}: {old} → {new}", field.name()))
    });
    let columns = profile.columns.iter();
    let columns = columns.map(|(name, value)| format!("{name}: {value}"));
    let binding = one.binding.as_ref();
    let avatar = binding.and_then(|binding| binding.avatar.as_ref());
    let avatar = avatar.map(|_| AVATAR.to_owned());
    fields.chain(columns).chain(avatar).collect()
}

/// How details name the picture, whose address tells nobody anything.
pub const AVATAR: &str = "avatar";

/// The row of the change for a person who is gone, if there is one.
pub fn of_leaver(one: &Leaver) -> Option<NewReportRow> {
    let kind = one.step.name()?;
    Some(NewReportRow {
        person_id: Some(one.person.key.to_string()),
        accounts: one.person.account.into_iter().collect(),
        ..change(kind)
    })
}

impl Counts {
    /// Counts the changes of a person.
    pub(super) fn add_person(&mut self, one: &PersonChange) {
        match one.event() {
            Some(AccountEvent::Create) => self.created += 1,
            Some(AccountEvent::Link) => self.linked += 1,
            Some(AccountEvent::Adopt) => self.adopted += 1,
            Some(AccountEvent::Return) => self.returned += 1,
            Some(AccountEvent::Update) => self.updated += 1,
            Some(AccountEvent::Departments) | None => {}
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
