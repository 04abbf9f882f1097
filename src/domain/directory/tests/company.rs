//! A simulated company.

use std::sync::{Arc, Mutex, MutexGuard};

use async_trait::async_trait;
use serde_json::json;

use crate::domain::directory::{
    Department, Directory, Key, Level, Member, MemberOf, MembersPage, PersonLookup, ReadError,
    Scope,
};
use crate::domain::identity::{Identity, StableId};
use crate::phone::Phone;

/// The number of people on a page.
const PAGE: usize = 3;

/// The data of the company.
#[derive(Default)]
pub struct State {
    pub departments: Vec<Department>,
    pub members: Vec<Member>,
    /// People whom the application may see without any department.
    pub people: Vec<Key>,
    /// The permission that the application lacks, if there is one.
    pub missing: Option<&'static str>,
    /// People who exist, but are missing from all pages.
    pub overlooked: Vec<Key>,
    /// Departments that exist, but are missing where the departments below another are listed.
    pub unlisted: Vec<Key>,
    /// Departments of a kind that is not copied.
    pub left_out: Vec<Key>,
    /// Departments that are removed after they were listed, before anybody asks what is below them.
    pub removed: Vec<Key>,
    /// Departments that are removed after that, before anybody asks who is in them.
    pub removed_late: Vec<Key>,
}

impl State {
    fn is_removed(&self, key: &Key) -> bool {
        self.removed.contains(key) || self.removed_late.contains(key)
    }
}

/// The company.
#[derive(Clone, Default)]
pub struct Company(Arc<Mutex<State>>);

impl Company {
    pub fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }

    /// Adds a department.
    pub fn department(&self, key: &str, parent: Option<&str>) {
        self.state().departments.push(Department {
            key: key.into(),
            title: format!("Department {key}"),
            parent: parent.map(Key::from),
            order: None,
        });
    }

    /// Adds a person to these departments.
    pub fn hire(&self, key: &str, phone: Option<&str>, departments: &[&str]) {
        let memberships = departments
            .iter()
            .map(|key| crate::domain::directory::Membership {
                department: (*key).into(),
                is_owner: false,
            });
        let member = Member {
            stable_id: Some(format!("union-{key}").into()),
            phone: phone.and_then(Phone::of_account),
            memberships: memberships.collect(),
            ..Member::named(key.into(), format!("Name of {key}"))
        };
        self.state().members.push(member);
    }

    pub fn dismiss(&self, key: &str) {
        self.state()
            .members
            .retain(|member| member.key.as_str() != key);
    }

    /// Removes a department.
    pub fn close(&self, key: &str) {
        self.state()
            .departments
            .retain(|department| department.key.as_str() != key);
    }

    fn refuse(&self) -> Result<(), ReadError> {
        match self.state().missing {
            Some(name) => Err(ReadError::Permission(name.to_owned())),
            None => Ok(()),
        }
    }
}

#[async_trait]
impl Directory for Company {
    async fn scope(&self) -> Result<Scope, ReadError> {
        let top = self
            .state()
            .departments
            .iter()
            .filter(|one| one.parent.is_none())
            .map(|one| one.key.clone())
            .collect();
        Ok(Scope {
            departments: top,
            people: self.state().people.clone(),
        })
    }

    async fn department(&self, key: &Key) -> Result<Option<Department>, ReadError> {
        let state = self.state();
        let mut departments = state.departments.iter();
        let found = departments.find(|one| one.key == *key && !state.is_removed(key));
        Ok(found.cloned())
    }

    async fn departments_in(&self, key: &Key) -> Result<Option<Level>, ReadError> {
        let state = self.state();
        if state.removed.contains(key) {
            return Ok(None);
        }
        let below = state
            .departments
            .iter()
            .filter(|one| one.parent.as_ref() == Some(key) && !state.unlisted.contains(&one.key));
        let (left_out, departments): (Vec<_>, Vec<_>) = below
            .cloned()
            .partition(|one| state.left_out.contains(&one.key));
        Ok(Some(Level {
            departments,
            left_out: left_out.into_iter().map(|one| one.key).collect(),
        }))
    }

    async fn members_of(
        &self,
        department: &Key,
        cursor: Option<i64>,
    ) -> Result<Option<MembersPage>, ReadError> {
        // The reader has to wait, as with a network.
        tokio::task::yield_now().await;
        self.refuse()?;
        let state = self.state();
        if state.is_removed(department) {
            return Ok(None);
        }
        let is_in = |member: &&Member| {
            let mut departments = member.memberships.iter();
            departments.any(|one| one.department == *department)
                && !state.overlooked.contains(&member.key)
        };
        let all: Vec<_> = state.members.iter().filter(is_in).collect();
        let from = usize::try_from(cursor.unwrap_or_default()).unwrap();
        let to = (from + PAGE).min(all.len());
        let of = |member: &&Member| MemberOf {
            is_owner: member
                .memberships
                .iter()
                .any(|one| one.is_owner && one.department == *department),
            member: (*member).clone(),
            rank: None,
        };
        Ok(Some(MembersPage {
            members: all[from..to].iter().map(of).collect(),
            next: (to < all.len()).then(|| i64::try_from(to).unwrap()),
        }))
    }

    async fn person(&self, key: &Key) -> Result<PersonLookup, ReadError> {
        let state = self.state();
        let found = state.members.iter().find(|member| member.key == *key);
        Ok(found.map_or(PersonLookup::Gone, |member| {
            PersonLookup::Found(Box::new(member.clone()), Vec::new())
        }))
    }

    fn identity(&self, member: &Member) -> Option<Identity> {
        let stable_id = member.stable_id.as_ref()?.as_str().to_owned();
        Some(Identity {
            key: member.key.as_str().to_owned(),
            subject: member.key.as_str().to_owned(),
            meta: json!({"userId": member.key.as_str(), "stableId": stable_id}),
            stable_id: Some(StableId {
                key: "stableId",
                value: stable_id,
            }),
            name: member.name.clone(),
            avatar: member.avatar.clone(),
            phone: member.phone.clone(),
            phone_is_unclear: false,
            email: member.email.clone(),
        })
    }
}
