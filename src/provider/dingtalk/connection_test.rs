//! Do these options work? Asked before anybody signs in.

use super::DingTalk;
use super::error::DingTalkError;
use super::options::{BindBy, DingTalkOptions, LinkExisting};
use super::permissions::{EMAIL, MOBILE};

/// The department that holds all others.
const WHOLE_ORGANISATION: &str = "1";
/// A unionId that nobody has: the answer says whether the application may ask at all.
const NOBODY: &str = "nobody";

/// What it says of one that cannot be a unionId.
const NO_UNION_ID: &str = "400002";

/// The fields of people that these options need, and the permission for each.
fn needed_fields(options: &DingTalkOptions) -> impl Iterator<Item = (&'static str, &'static str)> {
    let by_phone = options.link_existing != LinkExisting::Off || options.bind_by == BindBy::Mobile;
    let by_mailbox = options.link_existing == LinkExisting::PhoneOrEmail;
    let needed = [(by_phone, "mobile", MOBILE), (by_mailbox, "email", EMAIL)];
    let needed = needed.into_iter().filter(|(is_needed, ..)| *is_needed);
    needed.map(|(_, field, permission)| (field, permission))
}

/// What DingTalk said to an application's credentials.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectionReport {
    /// Whose sign-in the application could take part in.
    pub scope: ContactScope,
    /// What is wrong or missing beside that.
    pub problems: Vec<DingTalkError>,
}

/// The part of an organisation that an application may see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ContactScope {
    /// Everybody.
    All,
    /// Some departments, and some people beside them.
    Part {
        /// Number of departments.
        departments: usize,
        /// Number of people.
        people: usize,
    },
    /// DingTalk did not say.
    Unknown,
}

impl DingTalk {
    /// Asks DingTalk for a token of the application and what it may do with it. An error when there
    /// is no token. Nothing is remembered, and nothing asked twice: an administrator waits.
    pub async fn test_connection(
        &self,
        options: &DingTalkOptions,
    ) -> Result<ConnectionReport, DingTalkError> {
        let client = &self.client;
        let token = client
            .app_token(&options.client_id, options.client_secret())
            .await?
            .access_token;
        let mut problems = Vec::new();
        if let Some(corp_id) = options.corp_id() {
            let (id, secret) = (&options.client_id, options.client_secret());
            let has_app = client.organisation_has_app(corp_id, id, secret).await;
            problems.extend(has_app.err());
        }
        let mut scope = ContactScope::Unknown;
        match client.scopes(&token).await {
            Ok(scopes) => {
                let departments = &scopes.auth_org_scopes.authed_dept;
                let is_whole = |id: &serde_json::Value| {
                    id.as_str() == Some(WHOLE_ORGANISATION) || id.as_i64() == Some(1)
                };
                scope = if departments.iter().any(is_whole) {
                    ContactScope::All
                } else {
                    ContactScope::Part {
                        departments: departments.len(),
                        people: scopes.auth_org_scopes.authed_user.len(),
                    }
                };
                let fields = &scopes.auth_user_field;
                for (field, permission) in needed_fields(options) {
                    // A list that names nothing says nothing.
                    if !fields.is_empty() && !fields.iter().any(|shown| shown == field) {
                        problems.push(DingTalkError::Permission(permission.to_owned()));
                    }
                }
            }
            Err(error) => problems.push(error),
        }
        match client.user_by_union_id(&token, NOBODY).await {
            // DingTalk looked, so it may be asked.
            Ok(_) | Err(DingTalkError::UnknownUser | DingTalkError::Unexpected(_)) => {}
            Err(DingTalkError::Refused(code)) if code.starts_with(NO_UNION_ID) => {}
            Err(error) => problems.push(error),
        }
        // Made for tokens of people; of others it is known only what they lack.
        if let Err(error @ DingTalkError::Permission(_)) = client.me(&token).await {
            problems.push(error);
        }
        problems.dedup();
        Ok(ConnectionReport { scope, problems })
    }
}
