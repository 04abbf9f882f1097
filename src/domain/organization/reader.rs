//! The trait that reads an organization.

use std::error::Error;

use async_trait::async_trait;

use super::{Department, Key, Member};
use crate::domain::events::Event;
use crate::domain::identity::Identity;

/// Reads the organization of one application, as far as the application may see it. It keeps to the
/// rate limits of the provider and waits while the provider is busy, however long a call takes.
#[async_trait]
pub trait Directory: Send + Sync {
    /// The part of the organization that the application may see.
    async fn scope(&self) -> Result<Scope, ReadError>;

    /// A department; none when it does not exist, or the application may not see it.
    async fn department(&self, key: &Key) -> Result<Option<Department>, ReadError>;

    /// The direct subdepartments of a department; none when that no longer exists.
    async fn departments_in(&self, key: &Key) -> Result<Option<Level>, ReadError>;

    /// A page of the people who are directly in a department, the first one if there is no cursor;
    /// none when the department no longer exists.
    async fn members_of(
        &self,
        department: &Key,
        cursor: Option<i64>,
    ) -> Result<Option<MembersPage>, ReadError>;

    /// The person with this key.
    async fn person(&self, key: &Key) -> Result<PersonLookup, ReadError>;

    /// What happened and could not be told: callbacks that nobody answered. Each is given once.
    async fn missed_events(&self) -> Result<MissedEvents, ReadError> {
        Ok(MissedEvents::default())
    }

    /// The person's identity at a sign-in; none when the organization's data lacks the identifier
    /// by which the authenticator binds accounts.
    fn identity(&self, member: &Member) -> Option<Identity>;
}

/// The part of an organization that an application may see.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scope {
    /// Departments, including everything below them.
    pub departments: Vec<Key>,
    /// Further people.
    pub people: Vec<Key>,
}

/// The departments of one level.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Level {
    /// The departments that are synchronised.
    pub departments: Vec<Department>,
    /// Others, such as those of schools' address books.
    pub left_out: Vec<Key>,
}

/// A page of the people in a department.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MembersPage {
    /// The people.
    pub members: Vec<MemberOf>,
    /// The cursor of the next page; none on the last page.
    pub next: Option<i64>,
}

/// A person in a department.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberOf {
    /// The person. The memberships are all departments of the person, without saying who leads
    /// them.
    pub member: Member,
    /// Whether the person leads this department.
    pub is_owner: bool,
    /// The department with the greatest rank is the person's main one.
    pub rank: Option<i64>,
}

/// What could not be told.
#[derive(Debug, Default)]
pub struct MissedEvents {
    /// The oldest of it.
    pub events: Vec<Event>,
    /// Whether there is more.
    pub has_more: bool,
}

/// Where somebody stands in a department.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The department.
    pub department: Key,
    /// Whether the person leads it.
    pub is_owner: bool,
    /// How much it is the person's main one: the greater, the more.
    pub rank: Option<i64>,
}

/// The result of looking up a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PersonLookup {
    /// The person is in the organization.
    Found(Box<Member>, Vec<Place>),
    /// The person is in the organization, but the application may see nothing else.
    Hidden,
    /// Nobody has this key.
    Gone,
}

/// Why something could not be read. The text contains no secret.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The application lacks a permission, which the text names.
    #[error("the application lacks a permission: {0}")]
    Permission(String),
    /// Something else failed.
    #[error(transparent)]
    Failed(Box<dyn Error + Send + Sync>),
}
