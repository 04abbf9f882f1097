//! The departments of one organization: a tree below department 1, which stands for the
//! organization itself.

use std::collections::BTreeMap;

use serde::Serialize;

/// The id of the root in every organization.
pub const ROOT: i64 = 1;

/// The most levels that are followed upwards, so that a circle cannot lead to an endless loop.
const DEEPEST: usize = 64;

/// A department.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Department {
    /// The id within the organization.
    pub id: i64,
    /// The name; for the root, that of the organization.
    pub name: String,
    /// The parent; none for the root.
    pub parent_id: Option<i64>,
    /// The position among its siblings, in ascending order.
    pub order: i64,
}

/// The departments of an organization.
#[derive(Clone)]
pub struct Departments {
    by_id: BTreeMap<i64, Department>,
    children: BTreeMap<i64, Vec<i64>>,
    next_id: i64,
}

impl Departments {
    /// An organization without departments.
    pub fn of_organization(name: &str) -> Self {
        let root = Department {
            id: ROOT,
            name: name.to_owned(),
            parent_id: None,
            order: 0,
        };
        Self {
            by_id: BTreeMap::from([(ROOT, root)]),
            children: BTreeMap::new(),
            // DingTalk's ids have nine or ten digits without meaning.
            next_id: 919_700_001,
        }
    }

    /// A department by its id.
    pub fn get(&self, id: i64) -> Option<&Department> {
        self.by_id.get(&id)
    }

    /// All departments, by id.
    pub fn all(&self) -> impl Iterator<Item = &Department> {
        self.by_id.values()
    }

    /// The departments directly below one, in their order.
    pub fn below(&self, id: i64) -> Vec<&Department> {
        let ids = self.children.get(&id).into_iter().flatten();
        let mut below: Vec<_> = ids.filter_map(|id| self.get(*id)).collect();
        below.sort_by_key(|department| (department.order, department.id));
        below
    }

    /// A department and all above it, beginning with itself and ending with the root.
    pub fn upwards(&self, id: i64) -> Vec<i64> {
        let mut path = Vec::new();
        let mut next = self.get(id);
        while let Some(department) = next.filter(|_| path.len() < DEEPEST) {
            path.push(department.id);
            next = department.parent_id.and_then(|parent| self.get(parent));
        }
        path
    }

    /// An unused id.
    pub fn free_id(&mut self) -> i64 {
        while self.by_id.contains_key(&self.next_id) {
            self.next_id += 1;
        }
        self.next_id
    }

    /// Adds a department, or replaces the one with the same id.
    pub fn put(&mut self, department: Department) {
        self.remove(department.id);
        if let Some(parent) = department.parent_id {
            self.children.entry(parent).or_default().push(department.id);
        }
        self.by_id.insert(department.id, department);
    }

    /// Removes a department. Departments below it stay where they are.
    pub fn remove(&mut self, id: i64) {
        let Some(removed) = self.by_id.remove(&id) else {
            return;
        };
        let parent = removed.parent_id.unwrap_or_default();
        if let Some(siblings) = self.children.get_mut(&parent) {
            siblings.retain(|sibling| *sibling != id);
        }
    }
}
