//! Managed people and departments: those that earlier runs have recorded.

use chrono::{DateTime, Utc};

use super::{Key, Membership};

/// A department that earlier runs have recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ManagedDepartment {
    /// Its identifier in the organization.
    pub key: Key,
    /// Its name in the organization when it was last read.
    pub title: String,
    /// The parent that it had.
    pub parent: Option<Key>,
    /// Its position among its siblings.
    pub order: Option<i64>,
    /// Its id on this server. None where the server has no departments.
    pub local: Option<i64>,
    /// When an attempt to create it began whose outcome is not known.
    pub tried_at: Option<DateTime<Utc>>,
}

/// A person whom earlier runs have recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ManagedPerson {
    /// The person's stable ID, or their key if the organization has no stable IDs: see
    /// [`super::Member::stable_id_or_key`].
    pub stable_id: Key,
    /// The person's identifier within the organization.
    pub key: Key,
    /// The person's account, if they have one.
    pub account: Option<i64>,
    /// Whether the person was gone when the organization was last read, and everything for that
    /// case was done.
    pub is_gone: bool,
    /// The departments that the account was added to, the main one first. For somebody who is gone,
    /// those that they were in.
    pub memberships: Vec<Membership>,
    /// Those of these departments that the account is no longer in, because somebody took it out on
    /// this server or removed the department. The next run adds the account again where the
    /// organization still has the person in the department.
    pub taken_out: Vec<Key>,
    /// The names of the roles that the account had before its access ended.
    pub roles: Vec<String>,
    /// A digest of the person's data in the organization.
    pub digest: u64,
    /// When an attempt began whose outcome is not known: to create the account, to end its access, or
    /// to give the access back.
    pub tried_at: Option<DateTime<Utc>>,
}

impl ManagedPerson {
    /// A person of whom nothing is recorded but who they are and which account they have.
    #[cfg(test)]
    pub(super) fn with_account(stable_id: Key, key: Key, account: i64) -> Self {
        Self {
            stable_id,
            key,
            account: Some(account),
            is_gone: false,
            memberships: Vec::new(),
            taken_out: Vec::new(),
            roles: Vec::new(),
            digest: 0,
            tried_at: None,
        }
    }

    /// Whether the account has lost its access, or a part of it: the person was gone, or a run began
    /// to end the access and did not finish, or a run began to give it back and did not finish.
    pub fn has_lost_access(&self) -> bool {
        self.is_gone || (self.account.is_some() && self.tried_at.is_some())
    }
}
