//! Testing options at DingTalk before anybody signs in with them.

use super::DingTalk;
use super::error::DingTalkError;
use super::messages::knows_agent;
use super::options::{BindBy, DingTalkOptions, LinkExisting};
use super::permissions::{EMAIL, MEMBER, MOBILE, PROFILE};

/// The root department, which contains all others.
const WHOLE_ORGANIZATION: &str = "1";
/// A unionId that nobody has. The answer shows whether the application may ask at all.
const NOBODY: &str = "nobody";

/// DingTalk's code for a text that cannot be a unionId.
const NO_UNION_ID: &str = "400002";

/// The profile fields that these options need, with the permission for each.
fn needed_fields(options: &DingTalkOptions) -> impl Iterator<Item = (&'static str, &'static str)> {
    let by_phone = options.link_existing != LinkExisting::Off || options.bind_by == BindBy::Mobile;
    let by_mailbox = options.link_existing == LinkExisting::PhoneOrEmail;
    let needed = [(by_phone, "mobile", MOBILE), (by_mailbox, "email", EMAIL)];
    let needed = needed.into_iter().filter(|(is_needed, ..)| *is_needed);
    needed.map(|(_, field, permission)| (field, permission))
}

/// The result of a test of an application's credentials.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectionReport {
    /// The permissions that the options need, each with its result.
    pub permissions: Vec<(&'static str, Permission)>,
    /// The part of the organization that the application may see.
    pub scope: Result<ContactScope, DingTalkError>,
    /// Whether the application belongs to the organization in the options; none when the options
    /// have no organization.
    pub organization: Option<Result<(), DingTalkError>>,
    /// Whether the application has the agent that the options name; nothing when they name none.
    pub agent: Option<Result<(), DingTalkError>>,
    /// The organization as DingTalk reports it, when the options have none.
    pub told_organization: Option<String>,
}

/// Whether an application has a permission.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Permission {
    /// The application has it, as far as DingTalk shows.
    Granted,
    /// DingTalk does not show whether the application has it.
    Unknown,
    /// The application lacks the permission, or the question failed.
    Failed(DingTalkError),
}

/// The part of an organization that an application may see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ContactScope {
    /// Everybody.
    All,
    /// Some departments, and some people in addition.
    Part {
        /// The number of departments.
        departments: usize,
        /// The number of people.
        people: usize,
    },
}

impl DingTalk {
    /// Fetches an access token of the application and tests its permissions. Fails when there is no
    /// access token. Nothing is cached or repeated, because an administrator waits for the result.
    pub async fn test_connection(
        &self,
        options: &DingTalkOptions,
    ) -> Result<ConnectionReport, DingTalkError> {
        let client = &self.client;
        let (id, secret) = (&options.client_id, options.client_secret());
        let answer = client.app_token(id, secret).await?;
        let token = answer.access_token;
        let mut organization = None;
        let mut told_organization = None;
        match options.corp_id() {
            Some(corp_id) => {
                organization = Some(client.organization_has_app(corp_id, id, secret).await);
            }
            None => told_organization = answer.corp_id,
        }
        // This call is meant for tokens of people. For a token of the application, the error shows
        // whether the permission is missing.
        let profile = match client.me(&token).await {
            Err(error @ DingTalkError::Permission(_)) => Permission::Failed(error),
            _ => Permission::Granted,
        };
        let member = match client.user_by_union_id(&token, NOBODY).await {
            // DingTalk searched, so the application has the permission.
            Ok(_) | Err(DingTalkError::UnknownUser | DingTalkError::Unexpected(_)) => {
                Permission::Granted
            }
            Err(DingTalkError::Refused(code)) if code.starts_with(NO_UNION_ID) => {
                Permission::Granted
            }
            Err(error) => Permission::Failed(error),
        };
        let mut permissions = vec![(PROFILE, profile), (MEMBER, member)];
        let scopes = client.scopes(&token).await;
        let fields = scopes.as_ref().ok().map(|scopes| &scopes.auth_user_field);
        for (field, permission) in needed_fields(options) {
            let outcome = match fields {
                Some(fields) if fields.iter().any(|shown| shown == field) => Permission::Granted,
                // An empty list of fields gives no information.
                Some(fields) if !fields.is_empty() => {
                    Permission::Failed(DingTalkError::Permission(permission.to_owned()))
                }
                _ => Permission::Unknown,
            };
            permissions.push((permission, outcome));
        }
        let scope = scopes.map(|scopes| {
            let departments = &scopes.auth_org_scopes.authed_dept;
            let is_whole = |id: &serde_json::Value| {
                id.as_str() == Some(WHOLE_ORGANIZATION) || id.as_i64() == Some(1)
            };
            if departments.iter().any(is_whole) {
                ContactScope::All
            } else {
                ContactScope::Part {
                    departments: departments.len(),
                    people: scopes.auth_org_scopes.authed_user.len(),
                }
            }
        });
        let agent = match options.agent_id() {
            Some(agent_id) => Some(knows_agent(client, &token, agent_id).await),
            None => None,
        };
        Ok(ConnectionReport {
            permissions,
            scope,
            organization,
            agent,
            told_organization,
        })
    }
}
