//! People and departments of an organization, and the trait that reads them.

mod reader;

pub use reader::{
    Directory, Level, MemberOf, MembersPage, MissedEvents, PersonLookup, Place, ReadError, Scope,
};

use std::borrow::Borrow;
use std::fmt;
use std::sync::Arc;

use sha2::{Digest, Sha256};

use crate::phone::Phone;

/// The organization's identifier of a person or a department. It is copied often, which is cheap.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key(Arc<str>);

impl Key {
    /// The identifier as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for Key {
    fn from(text: &str) -> Self {
        Self(text.into())
    }
}

impl From<String> for Key {
    fn from(text: String) -> Self {
        Self(text.into())
    }
}

impl Borrow<str> for Key {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A department.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Department {
    /// The identifier of the department.
    pub key: Key,
    /// Its name.
    pub title: String,
    /// The parent department; none for one at the top, and for one whose parent is not read.
    pub parent: Option<Key>,
    /// Its position among its siblings, in ascending order, if the organization sets one.
    pub order: Option<i64>,
}

/// A person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// The person's identifier in the organization. It may be given to another person one day.
    pub key: Key,
    /// The person's stable ID. It stays the same when somebody leaves and comes back with another
    /// [`Self::key`].
    pub stable_id: Option<Key>,
    /// The name, which is never empty.
    pub name: String,
    /// The phone number; none when there is none, or it is hidden, or cannot be parsed.
    pub phone: Option<Phone>,
    /// Whether the organization's data has a phone number that cannot be interpreted with
    /// certainty.
    pub phone_is_unclear: bool,
    /// The mailbox that the organization gave the person.
    pub email: Option<String>,
    /// The address of a picture.
    pub avatar: Option<String>,
    /// The person's job title.
    pub job_title: Option<String>,
    /// The personnel number. Several people may have the same.
    pub job_number: Option<String>,
    /// The place where the person works.
    pub work_place: Option<String>,
    /// The departments of the person, without repetitions, the main one first.
    pub memberships: Vec<Membership>,
}

impl Member {
    /// A person of whom nothing else is known.
    pub fn named(key: Key, name: String) -> Self {
        Self {
            key,
            stable_id: None,
            name,
            phone: None,
            phone_is_unclear: false,
            email: None,
            avatar: None,
            job_title: None,
            job_number: None,
            work_place: None,
            memberships: Vec::new(),
        }
    }

    /// The stable ID, or the key if the organization has no stable IDs.
    pub fn stable_id_or_key(&self) -> &Key {
        self.stable_id.as_ref().unwrap_or(&self.key)
    }

    /// A digest of all data about the person. It differs when any data differs, and is the same in
    /// every process and release.
    pub fn digest(&self) -> u64 {
        let mut hash = Sha256::new();
        let mut add = |text: Option<&str>| {
            // The length comes first, so that two adjacent texts cannot be confused; an absent text
            // differs from an empty one.
            hash.update(
                text.map_or(u64::MAX, |text| text.len() as u64)
                    .to_le_bytes(),
            );
            hash.update(text.unwrap_or_default());
        };
        for text in [
            Some(self.key.as_str()),
            self.stable_id.as_ref().map(Key::as_str),
            Some(&self.name),
            self.phone.as_ref().map(Phone::e164),
            self.email.as_deref(),
            self.avatar.as_deref(),
            self.job_title.as_deref(),
            self.job_number.as_deref(),
            self.work_place.as_deref(),
        ] {
            add(text);
        }
        for membership in &self.memberships {
            add(Some(membership.department.as_str()));
            add(membership.is_owner.then_some("owner"));
        }
        let digest: [u8; 32] = hash.finalize().into();
        let (first, _) = digest.split_first_chunk().unwrap_or((&[0; 8], &[]));
        u64::from_le_bytes(*first)
    }
}

/// The membership of a person in a department.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Membership {
    /// The department.
    pub department: Key,
    /// Whether the person leads the department: NocoBase's «owner».
    pub is_owner: bool,
}
