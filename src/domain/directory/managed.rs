//! What is managed: what earlier runs made, bound and put into departments.

use chrono::{DateTime, Utc};

use super::{Key, Membership};

/// A department that earlier runs know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ManagedDepartment {
    /// Which one it is in the organisation.
    pub key: Key,
    /// Its name there, when it was last read.
    pub title: String,
    /// The department that it was in.
    pub parent: Option<Key>,
    /// Its place among its siblings.
    pub order: Option<i64>,
    /// Its id here. Nothing where departments are only remembered.
    pub local: Option<i64>,
    /// When a run last set out to make it, if how that ended is not known.
    pub tried_at: Option<DateTime<Utc>>,
}

/// A person that earlier runs know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ManagedPerson {
    /// Who it is for ever, see [`super::Member::person`].
    pub person: Key,
    /// Who it was within the organisation.
    pub key: Key,
    /// The account, where there is one.
    pub account: Option<i64>,
    /// Whether the person was gone when the organisation was last read, and what was to be done about it
    /// is done.
    pub is_gone: bool,
    /// The departments that the account was put into, the main one first. Of somebody who is gone: was in.
    pub memberships: Vec<Membership>,
    /// Names of the roles that the account had before its access was ended.
    pub roles: Vec<String>,
    /// A digest of what the organisation said.
    pub digest: u64,
    /// When a run last set out to make the account or to end its access, if how that ended is not known.
    pub tried_at: Option<DateTime<Utc>>,
}
