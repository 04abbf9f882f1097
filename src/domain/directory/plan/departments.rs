//! Plans which departments are created, renamed, moved and removed.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::{DateTime, Utc};

use super::super::{Department, Finding, FindingKind, Key, ManagedDepartment};
use crate::store::shortened;

/// A department as it is on this server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocalDepartment {
    /// The name.
    pub title: String,
    /// The parent.
    pub parent: Option<i64>,
}

/// The changes to departments.
#[derive(Debug, Default)]
pub struct DepartmentsPlan {
    /// Departments to create or change, each after its parent.
    pub changes: Vec<DepartmentChange>,
    /// Departments to remove, each before its parent.
    pub removals: Vec<ManagedDepartment>,
    /// Findings for the administrator.
    pub findings: Vec<Finding>,
}

/// A change to a department.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DepartmentChange {
    /// The department as it should be. Its parent exists after the run, or is none for the top
    /// level.
    pub department: Department,
    /// Its id on this server, if it exists there.
    pub local: Option<i64>,
    /// When an attempt to create it began whose outcome is not known.
    pub tried_at: Option<DateTime<Utc>>,
    /// Whether it is created.
    pub is_new: bool,
    /// Whether it is renamed.
    pub is_renamed: bool,
    /// Whether it is moved.
    pub is_moved: bool,
}

/// Plans departments. `wanted` holds those of the organization, each once; `managed` those that
/// earlier runs have recorded; `local` those of them that exist on this server, by id, or none
/// where the server has no departments. Departments whose parent is not among the wanted ones move
/// to the top level.
pub fn plan_departments(
    wanted: Vec<Department>,
    managed: Vec<ManagedDepartment>,
    local: Option<&BTreeMap<i64, LocalDepartment>>,
) -> DepartmentsPlan {
    let mut plan = DepartmentsPlan::default();
    let mut known: HashMap<Key, ManagedDepartment> = managed
        .into_iter()
        .map(|department| (department.key.clone(), department))
        .collect();
    // The ids of departments that exist already. New ones are missing.
    let mut ids: HashMap<Key, i64> = HashMap::new();
    for mut department in top_down(wanted) {
        let title = shortened(&department.title);
        if title != department.title {
            let finding = Finding::new(FindingKind::NotStorable).of_department(&department.key);
            plan.findings.push(finding);
            department.title = title;
        }
        let before = known.remove(&department.key);
        let kept = before.as_ref().and_then(|before| before.local);
        let here = kept.and_then(|id| Some((id, local?.get(&id)?)));
        let is_new = local.is_some() && here.is_none();
        let is_renamed = here.is_some_and(|(_, here)| here.title != department.title);
        let is_moved = here.is_some_and(|(_, here)| {
            let parent = department.parent.as_ref();
            match parent {
                None => here.parent.is_some(),
                // A parent that still has to be created differs from every existing one.
                Some(parent) => here.parent.is_none() || here.parent != ids.get(parent).copied(),
            }
        });
        if let Some((id, _)) = here {
            ids.insert(department.key.clone(), id);
        }
        let is_remembered = before.as_ref().is_some_and(|before| {
            before.title == department.title
                && before.parent == department.parent
                && before.order == department.order
        });
        if is_new || is_renamed || is_moved || !is_remembered {
            plan.changes.push(DepartmentChange {
                department,
                // The recorded id is kept while the server has no departments.
                local: here.map(|(id, _)| id).or(kept.filter(|_| local.is_none())),
                tried_at: before.and_then(|before| before.tried_at),
                is_new,
                is_renamed,
                is_moved,
            });
        }
    }
    plan.removals = bottom_up(known);
    if local.is_none() {
        // What exists on this server is removed by a run that has departments again.
        plan.removals.retain(|one| one.local.is_none());
    }
    plan
}

/// Sorts departments so that each comes after its parent, and siblings are in the order of the
/// organization. A parent that is missing or part of a circle is replaced by the top level.
fn top_down(departments: Vec<Department>) -> Vec<Department> {
    let keys: HashSet<Key> = departments.iter().map(|one| one.key.clone()).collect();
    let mut children: HashMap<Option<Key>, Vec<Department>> = HashMap::new();
    let count = departments.len();
    for mut department in departments {
        department.parent = department.parent.filter(|parent| keys.contains(parent));
        let parent = department.parent.clone();
        children.entry(parent).or_default().push(department);
    }
    let mut sorted = Vec::with_capacity(count);
    let mut next = vec![None];
    while !children.is_empty() {
        let Some(parent) = next.pop() else {
            // The remaining departments are in a circle. The one with the smallest key is moved to
            // the top level.
            let Some(first) = children.values().flatten().map(|one| one.key.clone()).min() else {
                break;
            };
            let of_circle = children.values_mut().find_map(|siblings| {
                let at = siblings.iter().position(|one| one.key == first)?;
                Some(siblings.swap_remove(at))
            });
            if let Some(mut department) = of_circle {
                department.parent = None;
                next.push(Some(department.key.clone()));
                sorted.push(department);
            }
            children.retain(|_, siblings| !siblings.is_empty());
            continue;
        };
        let Some(mut siblings) = children.remove(&parent) else {
            continue;
        };
        siblings.sort_by(|a, b| (a.order, &a.key).cmp(&(b.order, &b.key)));
        next.extend(siblings.iter().map(|one| Some(one.key.clone())));
        sorted.append(&mut siblings);
    }
    sorted
}

/// Sorts departments so that each comes before its parent.
fn bottom_up(departments: HashMap<Key, ManagedDepartment>) -> Vec<ManagedDepartment> {
    let as_read = |one: &ManagedDepartment| Department {
        key: one.key.clone(),
        title: String::new(),
        parent: one.parent.clone(),
        order: one.order,
    };
    let order = top_down(departments.values().map(as_read).collect());
    let mut departments = departments;
    let found = order.into_iter().rev();
    found
        .filter_map(|one| departments.remove(&one.key))
        .collect()
}
