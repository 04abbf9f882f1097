//! An application of the developer console: credentials, redirect URIs, granted permissions.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::state::{
    directory::{Directory, ROOT},
    person::{Person, Standing},
    redirect_uri::RedirectUriError,
    subscription::Subscription,
};

/// An app. It is serialised without its secret.
#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct App {
    /// Client ID, also called `AppKey`.
    pub client_id: String,
    /// Client secret, also called `AppSecret`.
    #[serde(skip)]
    pub client_secret: String,
    /// The organization that owns the app.
    pub corp_id: String,
    /// The agent ID, which identifies the application within its organization.
    pub agent_id: i64,
    /// The name on the login page.
    pub name: String,
    /// Registered redirect URIs. When it is empty, any `http` address of this machine is accepted.
    pub redirect_uris: Vec<String>,
    /// Granted permissions for calls and fields.
    pub permissions: BTreeSet<String>,
    /// Whether the old family answers in the types of the documentation's samples, which show texts
    /// where the service sends numbers, booleans and lists.
    pub string_types: bool,
    /// The part of the organization that the app may see, as `/auth/scopes` reports it.
    pub contact_scope: ContactScope,
    /// Which events the app receives, and how.
    pub subscription: Subscription,
}

/// The contact scope: a part of the contacts, chosen in the developer console. People with the
/// standing `OutOfScope` are outside of every scope.
#[derive(Clone, Serialize, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ContactScope {
    /// Departments, with all below them; 1 is the whole organization.
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
    /// Whether a department is in the scope.
    pub fn has_department(&self, directory: &Directory, corp_id: &str, id: i64) -> bool {
        directory.is_within(corp_id, id, &self.departments)
    }

    /// Whether a person is in the scope.
    pub fn has_person(&self, directory: &Directory, person: &Person) -> bool {
        let mut departments = person.departments.iter().map(|membership| membership.id);
        person.standing != Standing::OutOfScope
            && (self.departments.contains(&ROOT)
                || self.people.contains(&person.userid)
                || departments.any(|id| self.has_department(directory, &person.corp_id, id)))
    }
}

impl App {
    /// All permissions that any call of this sandbox needs.
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

    /// Applies the values of a change, or none of them if one is invalid.
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

/// New values for an app. Values that are absent stay.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AppChange {
    /// Client secret.
    pub client_secret: Option<String>,
    /// The agent ID.
    pub agent_id: Option<i64>,
    /// The organization that owns the app.
    pub corp_id: Option<String>,
    /// The name on the login page.
    pub name: Option<String>,
    /// All redirect URIs.
    pub redirect_uris: Option<Vec<String>>,
    /// All granted permissions.
    pub permissions: Option<BTreeSet<String>>,
    /// Whether the old family answers in the types of the documentation's samples.
    pub string_types: Option<bool>,
    /// The contact scope.
    pub contact_scope: Option<ContactScope>,
}
