//! People and departments, as an organisation knows them, and who reads them.

mod reader;

pub use reader::{Directory, Level, MemberOf, MembersPage, PersonLookup, ReadError, Scope};

use std::borrow::Borrow;
use std::fmt;
use std::sync::Arc;

use sha2::{Digest, Sha256};

use crate::phone::Phone;

/// What the organisation calls a person or a department. It is copied often and costs little then.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key(Arc<str>);

impl Key {
    /// The text of it.
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
    /// Which one it is.
    pub key: Key,
    /// Its name.
    pub title: String,
    /// The department that it is in. Nothing for one at the top, and for one whose parent is not read.
    pub parent: Option<Key>,
    /// Its place among its siblings, the smallest first, where the organisation says one.
    pub order: Option<i64>,
}

/// A person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Who it is within the organisation. May be given to another person one day.
    pub key: Key,
    /// Who it is for ever: stays when somebody leaves and comes back with another [`Self::key`].
    pub lasting: Option<Key>,
    /// The name; never empty.
    pub name: String,
    /// The phone number. Nothing when there is none, it is hidden or it cannot be read.
    pub phone: Option<Phone>,
    /// Whether the organisation keeps something as a phone number that means none for sure.
    pub phone_is_unclear: bool,
    /// The organisation's own mailbox of the person.
    pub email: Option<String>,
    /// Address of a picture.
    pub avatar: Option<String>,
    /// What the person does.
    pub job_title: Option<String>,
    /// The number under which the organisation keeps the person. Several people may have the same.
    pub job_number: Option<String>,
    /// Where the person works.
    pub work_place: Option<String>,
    /// The departments that the person is in, each once, the main one first.
    pub memberships: Vec<Membership>,
}

impl Member {
    /// Who it is for ever, as far as the organisation says it.
    pub fn person(&self) -> &Key {
        self.lasting.as_ref().unwrap_or(&self.key)
    }

    /// A short form of all that is known. It differs when anything does, and is the same in every process and
    /// release.
    pub fn digest(&self) -> u64 {
        let mut hash = Sha256::new();
        let mut add = |text: Option<&str>| {
            // The length first, so that no two texts run into each other; none is not empty.
            hash.update(
                text.map_or(u64::MAX, |text| text.len() as u64)
                    .to_le_bytes(),
            );
            hash.update(text.unwrap_or_default());
        };
        for text in [
            Some(self.key.as_str()),
            self.lasting.as_ref().map(Key::as_str),
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

/// That somebody is in a department.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Membership {
    /// The department.
    pub department: Key,
    /// Whether the person leads it: NocoBase's «owner».
    pub is_owner: bool,
}
