//! An application of the developer console: credentials, redirect URIs, granted permissions.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::state::{
    directory::{Directory, ROOT},
    person::{Person, Standing},
    redirect_uri::RedirectUriError,
    subscription::Subscription,
};

/// An app. Serialised without its secret.
#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct App {
    /// Client ID, also called `AppKey`.
    pub client_id: String,
    /// Client secret, also called `AppSecret`.
    #[serde(skip)]
    pub client_secret: String,
    /// The organisation that owns the app.
    pub corp_id: String,
    /// Number of the application within its organisation, which messages name.
    pub agent_id: i64,
    /// Name shown on the login page.
    pub name: String,
    /// Registered redirect URIs; empty: any `http` address of this machine.
    pub redirect_uris: Vec<String>,
    /// Granted API and field permissions.
    pub permissions: BTreeSet<String>,
    /// Whether the old family answers in the types of the documentation's samples, which show strings
    /// where the service sends numbers, booleans and lists.
    pub string_types: bool,
    /// What it may see of the organisation, as `/auth/scopes` says.
    pub contact_scope: ContactScope,
    /// Which events it gets, and how.
    pub subscription: Subscription,
}

/// A part of the contacts, chosen in the developer console. Somebody whose standing says so is outside of any.
#[derive(Clone, Serialize, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ContactScope {
    /// Departments, with all below them; 1 is the organisation itself.
    #[serde(default)]
    pub departments: Vec<i64>,
    /// Single people, by userid.
    #[serde(default)]
    pub people: Vec<String>,
}

impl Default for ContactScope {
    fn default() -> Self {
        Self {
            departments: vec![1],
            people: Vec::new(),
        }
    }
}

impl ContactScope {
    /// Whether a department is in it.
    pub fn has_department(&self, directory: &Directory, corp_id: &str, id: i64) -> bool {
        directory.is_within(corp_id, id, &self.departments)
    }

    /// Whether a record is in it.
    pub fn has_person(&self, directory: &Directory, person: &Person) -> bool {
        let mut departments = person.departments.iter().map(|membership| membership.id);
        person.standing != Standing::OutOfScope
            && (self.departments.contains(&ROOT)
                || self.people.contains(&person.userid)
                || departments.any(|id| self.has_department(directory, &person.corp_id, id)))
    }
}

impl App {
    /// Everything that a call here can need, granted.
    pub fn all_permissions() -> BTreeSet<String> {
        [
            "Contact.User.Read",
            "Contact.User.mobile",
            "qyapi_get_member",
            "qyapi_get_member_by_mobile",
            "qyapi_get_department_member",
            "qyapi_get_department_list",
            "Contact.Common.Read",
            "qyapi_robot_sendmsg",
            "fieldMobile",
            "fieldEmail",
        ]
        .map(str::to_owned)
        .into()
    }

    /// Whether a permission was granted.
    pub fn may(&self, permission: &str) -> bool {
        self.permissions.contains(permission)
    }

    /// Applies the fields that a change names; none of them if one is wrong.
    pub fn change(&mut self, change: AppChange) -> Result<(), RedirectUriError> {
        for uri in change.redirect_uris.iter().flatten() {
            crate::state::redirect_uri::check_registration(uri)?;
        }
        if let Some(client_secret) = change.client_secret {
            self.client_secret = client_secret;
        }
        if let Some(agent_id) = change.agent_id {
            self.agent_id = agent_id;
        }
        if let Some(corp_id) = change.corp_id {
            self.corp_id = corp_id;
        }
        if let Some(name) = change.name {
            self.name = name;
        }
        if let Some(redirect_uris) = change.redirect_uris {
            self.redirect_uris = redirect_uris;
        }
        if let Some(permissions) = change.permissions {
            self.permissions = permissions;
        }
        if let Some(string_types) = change.string_types {
            self.string_types = string_types;
        }
        if let Some(contact_scope) = change.contact_scope {
            self.contact_scope = contact_scope;
        }
        Ok(())
    }
}

/// New values for an app; what is absent stays.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AppChange {
    /// Client secret.
    pub client_secret: Option<String>,
    /// Number of the application within its organisation.
    pub agent_id: Option<i64>,
    /// The organisation that owns the app.
    pub corp_id: Option<String>,
    /// Name shown on the login page.
    pub name: Option<String>,
    /// All redirect URIs.
    pub redirect_uris: Option<Vec<String>>,
    /// All granted permissions.
    pub permissions: Option<BTreeSet<String>>,
    /// Whether the old family answers in the types of the documentation's samples.
    pub string_types: Option<bool>,
    /// The part of the contacts that it may see.
    pub contact_scope: Option<ContactScope>,
}
