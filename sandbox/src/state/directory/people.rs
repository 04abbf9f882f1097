//! All people with a DingTalk account, with the indexes that a company of 100 000 people needs.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::state::person::{Person, Standing};

/// People by position. A person's position stays the same until they are removed, so that it never
/// means somebody else.
#[derive(Default)]
pub struct People {
    records: Vec<Person>,
    /// The number of the last change of each record, counted from 1.
    touched: Vec<u64>,
    changes: u64,
    by_id: HashMap<String, usize>,
    organizations: BTreeMap<String, Index>,
}

/// The records of one organization. Two records may have the same identifier, because a test needs
/// that.
#[derive(Default)]
struct Index {
    by_userid: BTreeSet<(String, usize)>,
    by_unionid: BTreeSet<(String, usize)>,
    members: BTreeMap<i64, BTreeSet<usize>>,
}

/// A person in the list of a department.
#[derive(Clone, Copy)]
pub struct Listed<'a> {
    /// The person.
    pub person: &'a Person,
    /// The number of the last change of the record.
    pub touched: u64,
}

impl People {
    /// All people, in the order in which they were added.
    pub fn all(&self) -> &[Person] {
        &self.records
    }

    /// The person with this sandbox id.
    pub fn by_id(&self, id: &str) -> Option<&Person> {
        self.records.get(*self.by_id.get(id)?)
    }

    /// The record with this userid in an organization. External contacts are included, people who
    /// left are not.
    pub fn by_userid(&self, corp_id: &str, userid: &str) -> Option<&Person> {
        self.first(&self.organizations.get(corp_id)?.by_userid, userid)
    }

    /// The record with this unionid in an organization. External contacts are included, people who
    /// left are not.
    pub fn by_unionid(&self, corp_id: &str, unionid: &str) -> Option<&Person> {
        self.first(&self.organizations.get(corp_id)?.by_unionid, unionid)
    }

    fn first(&self, index: &BTreeSet<(String, usize)>, wanted: &str) -> Option<&Person> {
        let (found, position) = index.range((wanted.to_owned(), 0)..).next()?;
        self.records.get(*position).filter(|_| found == wanted)
    }

    /// The employees of an organization who are directly in a department, in the order in which
    /// they were added.
    pub fn members(&self, corp_id: &str, department: i64) -> impl Iterator<Item = Listed<'_>> {
        let index = self.organizations.get(corp_id);
        let positions = index.and_then(|index| index.members.get(&department));
        positions.into_iter().flatten().filter_map(|position| {
            Some(Listed {
                person: self.records.get(*position)?,
                touched: *self.touched.get(*position)?,
            })
        })
    }

    /// Adds a person at the end, unless the id is in use.
    pub fn add(&mut self, person: Person) -> bool {
        if self.by_id.contains_key(&person.id) {
            return false;
        }
        let position = self.records.len();
        self.by_id.insert(person.id.clone(), position);
        self.changes += 1;
        self.touched.push(self.changes);
        self.enter(&person, position);
        self.records.push(person);
        true
    }

    /// Replaces the record with the same id, and returns the former one.
    pub fn replace(&mut self, person: Person) -> Option<Person> {
        let position = *self.by_id.get(&person.id)?;
        let before = self.records.get(position)?.clone();
        self.leave(&before, position);
        self.enter(&person, position);
        self.changes += 1;
        if let Some(touched) = self.touched.get_mut(position) {
            *touched = self.changes;
        }
        if let Some(record) = self.records.get_mut(position) {
            *record = person;
        }
        Some(before)
    }

    /// Keeps only people who fulfil a condition. All positions change.
    pub fn keep(&mut self, wanted: impl Fn(&Person) -> bool) {
        let before = std::mem::take(self);
        for person in before.records {
            if wanted(&person) {
                self.add(person);
            }
        }
    }

    fn enter(&mut self, person: &Person, position: usize) {
        if person.standing == Standing::Former {
            return;
        }
        let index = self
            .organizations
            .entry(person.corp_id.clone())
            .or_default();
        index.by_userid.insert((person.userid.clone(), position));
        index.by_unionid.insert((person.unionid.clone(), position));
        if person.is_employee_of(&person.corp_id) {
            for membership in &person.departments {
                let members = index.members.entry(membership.id).or_default();
                members.insert(position);
            }
        }
    }

    fn leave(&mut self, person: &Person, position: usize) {
        let Some(index) = self.organizations.get_mut(&person.corp_id) else {
            return;
        };
        index.by_userid.remove(&(person.userid.clone(), position));
        index.by_unionid.remove(&(person.unionid.clone(), position));
        for membership in &person.departments {
            if let Some(members) = index.members.get_mut(&membership.id) {
                members.remove(&position);
            }
        }
    }
}
