//! Which departments are made, renamed, moved and removed.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::{DateTime, Utc};

use super::super::{Department, Finding, FindingKind, Key, ManagedDepartment};
use crate::store::shortened;

/// A department as it is here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocalDepartment {
    /// Its name.
    pub title: String,
    /// The department that it is in.
    pub parent: Option<i64>,
}

/// What is to be done with departments.
#[derive(Debug, Default)]
pub struct DepartmentsPlan {
    /// Departments to be made or changed, in the order in which that works: each after its parent.
    pub changes: Vec<DepartmentChange>,
    /// Departments to be removed, each before its parent.
    pub removals: Vec<ManagedDepartment>,
    /// What people should know.
    pub findings: Vec<Finding>,
}

/// A department that something is to be done for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DepartmentChange {
    /// The department, as it is to be. Its parent is one that is there after the run, or the top.
    pub department: Department,
    /// Its id here, if it has one.
    pub local: Option<i64>,
    /// When it was last tried to make it, if how that ended is not known.
    pub tried_at: Option<DateTime<Utc>>,
    /// Whether it is to be made here.
    pub is_new: bool,
    /// Whether it gets another name here.
    pub is_renamed: bool,
    /// Whether it goes elsewhere here.
    pub is_moved: bool,
}

/// Plans departments: `wanted` as the organisation has them, each once; `managed` as earlier runs know
/// them; `local` those of the managed that are here, by id, or nothing where departments are only
/// remembered. Departments whose parent is not wanted stand at the top.
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
    // What a department that is there already is called here. New ones are not in it.
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
                // One that is still to be made is elsewhere for sure.
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
                // While there are no departments here, what is remembered of them stays.
                local: here.map(|(id, _)| id).or(kept.filter(|_| local.is_none())),
                tried_at: before.and_then(|before| before.tried_at),
                is_new,
                is_renamed,
                is_moved,
            });
        }
    }
    plan.removals = bottom_up(known);
    plan
}

/// Departments in such an order that each comes after its parent; children in that of the organisation.
/// A parent that is not there, or that would lead round in a circle, is the top.
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
            // What is left goes round in a circle. Its smallest key is put at the top.
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

/// Departments in such an order that each comes before its parent.
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
