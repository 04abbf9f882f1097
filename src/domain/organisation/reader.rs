//! Who reads the organisation.

use std::error::Error;

use async_trait::async_trait;

use super::{Department, Key, Member};
use crate::domain::identity::Identity;

/// Reads the organisation of one application, as far as the application may see it. Keeps to the limits
/// of the provider and waits while it is busy, however long a single call takes by that.
#[async_trait]
pub trait Directory: Send + Sync {
    /// What the application may see.
    async fn scope(&self) -> Result<Scope, ReadError>;

    /// A department. Nothing when there is none, or the application may not see it.
    async fn department(&self, key: &Key) -> Result<Option<Department>, ReadError>;

    /// The departments directly in one. Nothing when that is gone.
    async fn departments_in(&self, key: &Key) -> Result<Option<Level>, ReadError>;

    /// A page of the people directly in a department, the first one without a cursor. Nothing when the
    /// department is gone.
    async fn members_of(
        &self,
        department: &Key,
        cursor: Option<i64>,
    ) -> Result<Option<MembersPage>, ReadError>;

    /// A person by key.
    async fn person(&self, key: &Key) -> Result<PersonLookup, ReadError>;

    /// Who a person is at sign-in. Nothing when the organisation does not say the identifier that the
    /// authenticator binds by.
    fn identity(&self, member: &Member) -> Option<Identity>;
}

/// What an application may see.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scope {
    /// Departments, with all that is below them.
    pub departments: Vec<Key>,
    /// People beside those.
    pub people: Vec<Key>,
}

/// Departments of one level.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Level {
    /// Those that have a place here.
    pub departments: Vec<Department>,
    /// Others, such as those of school address books.
    pub left_out: Vec<Key>,
}

/// A page of people of a department.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MembersPage {
    /// The people.
    pub members: Vec<MemberOf>,
    /// Where the next page begins. Nothing on the last one.
    pub next: Option<i64>,
}

/// Somebody in a department.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberOf {
    /// The person. The departments are all that the person is in, and who owns them is not said.
    pub member: Member,
    /// Whether the person owns this department.
    pub is_owner: bool,
    /// The greater it is, the more this department is the person's main one.
    pub rank: Option<i64>,
}

/// What is known of one person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PersonLookup {
    /// The person is in the organisation.
    Found(Box<Member>),
    /// The person is in the organisation, and the application may see no more.
    Hidden,
    /// Nobody has this key.
    Gone,
}

/// Why something was not read. No text of it holds a secret.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The application lacks a permission, which is named.
    #[error("the application lacks a permission: {0}")]
    Permission(String),
    /// Anything else.
    #[error(transparent)]
    Failed(Box<dyn Error + Send + Sync>),
}
