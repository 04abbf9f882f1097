//! The departments of one organisation: a tree below department 1, which is the organisation itself.

use std::collections::BTreeMap;

use serde::Serialize;

/// The whole organisation, in every organisation.
pub const ROOT: i64 = 1;

/// More levels than any organisation has; nothing here may run in a circle for ever.
const DEEPEST: usize = 64;

/// A department.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Department {
    /// Its number within the organisation.
    pub id: i64,
    /// Its name; the organisation's own, for the root.
    pub name: String,
    /// The department above it; none for the root.
    pub parent_id: Option<i64>,
    /// Its place among its siblings: the smaller, the earlier.
    pub order: i64,
}

/// The tree.
#[derive(Clone)]
pub struct Departments {
    by_id: BTreeMap<i64, Department>,
    children: BTreeMap<i64, Vec<i64>>,
    next_id: i64,
}

impl Departments {
    /// An organisation without departments.
    pub fn of_organisation(name: &str) -> Self {
        let root = Department {
            id: ROOT,
            name: name.to_owned(),
            parent_id: None,
            order: 0,
        };
        Self {
            by_id: BTreeMap::from([(ROOT, root)]),
            children: BTreeMap::new(),
            // DingTalk's numbers have nine or ten digits and say nothing.
            next_id: 919_700_001,
        }
    }

    /// One of them.
    pub fn get(&self, id: i64) -> Option<&Department> {
        self.by_id.get(&id)
    }

    /// All of them, by number.
    pub fn all(&self) -> impl Iterator<Item = &Department> {
        self.by_id.values()
    }

    /// Those directly below one, in their order.
    pub fn below(&self, id: i64) -> Vec<&Department> {
        let ids = self.children.get(&id).into_iter().flatten();
        let mut below: Vec<_> = ids.filter_map(|id| self.get(*id)).collect();
        below.sort_by_key(|department| (department.order, department.id));
        below
    }

    /// One and all above it, itself first, the root last.
    pub fn upwards(&self, id: i64) -> Vec<i64> {
        let mut path = Vec::new();
        let mut next = self.get(id);
        while let Some(department) = next.filter(|_| path.len() < DEEPEST) {
            path.push(department.id);
            next = department.parent_id.and_then(|parent| self.get(parent));
        }
        path
    }

    /// A number that none of them has.
    pub fn free_id(&mut self) -> i64 {
        while self.by_id.contains_key(&self.next_id) {
            self.next_id += 1;
        }
        self.next_id
    }

    /// Adds one, or puts it in the place of the one with its number.
    pub fn put(&mut self, department: Department) {
        self.remove(department.id);
        if let Some(parent) = department.parent_id {
            self.children.entry(parent).or_default().push(department.id);
        }
        self.by_id.insert(department.id, department);
    }

    /// Takes one away; those below it stay where they are.
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
