//! Steps: single changes to accounts and departments. They use the ids of this server, not the
//! identifiers of the organization.

use chrono::{DateTime, Utc};
use serde_json::Value;

use crate::domain::identity::StableId;

/// A single change. Applying it a second time changes nothing more.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// Create a department. The outcome holds its id.
    CreateDepartment(NewDepartment),
    /// Rename a department.
    RenameDepartment {
        /// The department.
        department: i64,
        /// The new name.
        title: String,
    },
    /// Move a department, with everything in it, below another.
    MoveDepartment {
        /// The department.
        department: i64,
        /// The new parent; none for the top level. It is never the department itself or one below
        /// it.
        parent: Option<i64>,
    },
    /// Remove a department. If it holds people or departments, it stays, and the outcome says so.
    RemoveDepartment {
        /// The department.
        department: i64,
    },
    /// Create an account and bind it to its person. The outcome holds its id.
    CreateAccount(NewAccount),
    /// Update an account with data about its person.
    UpdateAccount {
        /// The account.
        account: i64,
        /// The new values.
        profile: Profile,
    },
    /// Bind an account to a person, or update its binding. From then on the person signs in to this
    /// account.
    Bind {
        /// The account.
        account: i64,
        /// The binding.
        binding: Binding,
    },
    /// Add roles to those that an account has. An account that has no role and gets none of these
    /// gets the default role.
    GiveRoles {
        /// The account.
        account: i64,
        /// The names of the roles, never that of root.
        roles: Vec<String>,
    },
    /// Add accounts to a department. Accounts that are already members stay as they are.
    AddMembers {
        /// The department.
        department: i64,
        /// The accounts.
        accounts: Vec<i64>,
    },
    /// Remove accounts from a department. Their permissions through it end at once, even for
    /// accounts that are no longer members.
    RemoveMembers {
        /// The department.
        department: i64,
        /// The accounts.
        accounts: Vec<i64>,
    },
    /// Make a member an owner of a department, or take that away.
    SetOwner {
        /// The department.
        department: i64,
        /// The account.
        account: i64,
        /// Whether the account becomes an owner.
        is_owner: bool,
    },
    /// Make one of an account's departments its main department.
    SetMainDepartment {
        /// The account.
        account: i64,
        /// The department.
        department: i64,
    },
    /// End all access of an account, but keep the account: its roles, sessions, password, API keys
    /// and binding are removed in this order, each with immediate effect. Memberships in
    /// departments are removed by other steps before.
    EndAccess {
        /// The account.
        account: i64,
    },
    /// Remove the binding of an account and end the sessions that began with it. Everything else
    /// stays.
    Unbind {
        /// The account.
        account: i64,
    },
    /// Delete an account with everything that belongs to it. This cannot be undone.
    DeleteAccount {
        /// The account.
        account: i64,
    },
}

/// A department to create.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewDepartment {
    /// The name. It is not empty and fits the column.
    pub title: String,
    /// The parent; none for the top level.
    pub parent: Option<i64>,
    /// The position among its siblings, in ascending order.
    pub order: Option<i64>,
    /// When an earlier attempt began whose outcome is not known. A department with this name and
    /// parent that was created since then is returned instead of a new one.
    pub tried_at: Option<DateTime<Utc>>,
}

/// An account to create.
#[derive(Clone, Debug, PartialEq)]
pub struct NewAccount {
    /// The data about its person. No other account had these values when the plan was made.
    pub profile: Profile,
    /// The names of its roles; without any it gets the default role. Root is never among them.
    pub roles: Vec<String>,
    /// The binding. If an account already has it, that account is returned.
    pub binding: Binding,
    /// When an earlier attempt began whose outcome is not known. An account with this profile that
    /// was created since then and has no binding is bound and returned instead of a new one.
    pub tried_at: Option<DateTime<Utc>>,
}

/// Data about a person that is written to their account. Values that are `None` or missing stay as
/// they are; nothing is ever cleared.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Profile {
    /// Display name.
    pub nickname: Option<String>,
    /// Phone number, in the form in which accounts hold it.
    pub phone: Option<String>,
    /// E-mail address.
    pub email: Option<String>,
    /// Values for columns that an administrator has added to the table of accounts, by name.
    pub columns: Vec<(String, String)>,
}

impl Profile {
    /// Whether there is nothing to write.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// The binding of an account to a person, at the authenticator of the source.
#[derive(Clone, Debug, PartialEq)]
pub struct Binding {
    /// The person's identifier at the provider.
    pub subject: String,
    /// A second identifier of the person. If an existing binding of the subject contradicts it,
    /// that binding is another person's.
    pub stable_id: Option<StableId>,
    /// Display name.
    pub nickname: String,
    /// The address of a picture. None keeps the one of an existing binding.
    pub avatar: Option<String>,
    /// Identifiers of the provider. Other keys in an existing binding stay.
    pub meta: Value,
}
