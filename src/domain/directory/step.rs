//! What can be done to accounts and departments. Everything is named by its id here, not by what the
//! organisation calls it.

use chrono::{DateTime, Utc};
use serde_json::Value;

use crate::domain::identity::StableId;

/// One thing to be done. Doing it a second time changes nothing more.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// Make a department. The outcome is its id.
    CreateDepartment(NewDepartment),
    /// Give a department another name.
    RenameDepartment {
        /// The department.
        department: i64,
        /// The new name.
        title: String,
    },
    /// Put a department, with all that is in it, into another.
    MoveDepartment {
        /// The department.
        department: i64,
        /// Where it goes; nothing for the top. Never the department itself or one below it.
        parent: Option<i64>,
    },
    /// Remove a department. If there are people or departments in it, it stays, and the outcome says so.
    RemoveDepartment {
        /// The department.
        department: i64,
    },
    /// Make an account and bind it to its person. The outcome is its id.
    CreateAccount(NewAccount),
    /// Change what an account says about its person.
    UpdateAccount {
        /// The account.
        account: i64,
        /// The new values.
        profile: Profile,
    },
    /// Bind an account to a person, or bring its binding up to date. Whoever it is at the provider signs
    /// in to it from then on.
    Bind {
        /// The account.
        account: i64,
        /// What binds it.
        binding: Binding,
    },
    /// Give an account roles in addition to those that it has. Without any of them it gets the default
    /// role, if it has none at all.
    GiveRoles {
        /// The account.
        account: i64,
        /// Their names. Never that of root.
        roles: Vec<String>,
    },
    /// Put people into a department. Whoever is in it already stays as they are.
    AddMembers {
        /// The department.
        department: i64,
        /// Their accounts.
        accounts: Vec<i64>,
    },
    /// Take people out of a department. Their rights by it end at once, also for whoever was out of it
    /// already.
    RemoveMembers {
        /// The department.
        department: i64,
        /// Their accounts.
        accounts: Vec<i64>,
    },
    /// Make somebody an owner of a department that they are in, or no longer.
    SetOwner {
        /// The department.
        department: i64,
        /// The account.
        account: i64,
        /// Whether they own it.
        is_owner: bool,
    },
    /// Make one of the departments that somebody is in their main one.
    SetMainDepartment {
        /// The account.
        account: i64,
        /// The department.
        department: i64,
    },
    /// End all access of an account, and keep the account: it loses its roles, its sessions, its password,
    /// its API keys and its binding, in this order, and each at once. Departments are other steps before it.
    EndAccess {
        /// The account.
        account: i64,
    },
    /// Remove the binding of an account, and end its sessions that began by it. It keeps everything else.
    Unbind {
        /// The account.
        account: i64,
    },
    /// Remove an account with everything that belongs to it. Nobody gets it back.
    DeleteAccount {
        /// The account.
        account: i64,
    },
}

/// A department to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewDepartment {
    /// Its name. Neither empty nor longer than a column takes.
    pub title: String,
    /// The department that it goes into; nothing for the top.
    pub parent: Option<i64>,
    /// Its place among its siblings, the smallest first.
    pub order: Option<i64>,
    /// When this was tried before, if it was and how that ended is not known. A department with this name
    /// and parent that was made since then is the one to be given back.
    pub tried_at: Option<DateTime<Utc>>,
}

/// An account to be made.
#[derive(Clone, Debug, PartialEq)]
pub struct NewAccount {
    /// What it says about its person. Values that are there have been looked for, and no other account had
    /// them.
    pub profile: Profile,
    /// Names of its roles; the default role without any. Never that of root.
    pub roles: Vec<String>,
    /// What binds it. If an account is bound by it already, that one is given back.
    pub binding: Binding,
    /// When this was tried before, if it was and how that ended is not known. An account with this profile
    /// that was made since then and is bound to nobody is the one to be bound and given back.
    pub tried_at: Option<DateTime<Utc>>,
}

/// What an account says about its person. What is `None` or not named stays as it is; nothing is ever
/// emptied.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Profile {
    /// Display name.
    pub nickname: Option<String>,
    /// Phone number, as accounts have it.
    pub phone: Option<String>,
    /// E-mail address.
    pub email: Option<String>,
    /// Columns that an administrator has added to the table of accounts, by name.
    pub columns: Vec<(String, String)>,
}

impl Profile {
    /// Whether it says nothing.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// What binds an account to a person at the authenticator of the source.
#[derive(Clone, Debug, PartialEq)]
pub struct Binding {
    /// Who this is at the provider.
    pub subject: String,
    /// A second identifier of the person. A binding of the subject that speaks against it is another
    /// person's.
    pub stable_id: Option<StableId>,
    /// Display name.
    pub nickname: String,
    /// Address of a picture; nothing leaves that of an old binding as it is.
    pub avatar: Option<String>,
    /// The provider's identifiers. Other keys of an old binding stay.
    pub meta: Value,
}
