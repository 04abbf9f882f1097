//! What is known of a person, in the terms of the domain.

use serde_json::json;

use super::wire::Employee;
use super::{BindBy, DingTalkOptions, IdentifyError};
use crate::domain::identity::{Identity, Witness};
use crate::domain::phone::Phone;

/// What DingTalk calls one person.
#[expect(clippy::struct_field_names, reason = "DingTalk's names")]
pub struct Identifiers {
    /// The organisation; known only where people choose one.
    pub corp_id: Option<String>,
    /// Within the organisation.
    pub user_id: String,
    /// The same in every organisation, for applications of one developer.
    pub union_id: String,
}

/// What the organisation says about a person, in the terms of the domain.
pub fn identity(
    options: &DingTalkOptions,
    employee: Employee,
    ids: Identifiers,
) -> Result<Identity, IdentifyError> {
    let phone = employee
        .mobile
        .as_deref()
        .and_then(|mobile| Phone::of_contact(employee.state_code.as_deref(), mobile));
    let meta = match &ids.corp_id {
        None => json!({"userId": ids.user_id, "unionId": ids.union_id}),
        Some(corp_id) => {
            json!({"userId": ids.user_id, "unionId": ids.union_id, "corpId": corp_id})
        }
    };
    let name = employee.name.unwrap_or_else(|| ids.user_id.clone());
    let subject = match options.bind_by {
        BindBy::UserId => ids.user_id,
        BindBy::UnionId => ids.union_id.clone(),
        BindBy::Mobile => phone
            .as_ref()
            .ok_or(IdentifyError::NoSubject("phone number"))?
            .local()
            .to_owned(),
    };
    Ok(Identity {
        name,
        avatar: employee.avatar,
        email: employee.org_email,
        meta,
        // An administrator may give the userid of somebody who left, or a phone company the
        // number, to another person; the unionId stays with the person.
        witness: Some(Witness {
            key: "unionId",
            value: ids.union_id,
        }),
        phone,
        subject,
    })
}

/// Somebody of whom the organisation keeps no more than that they are a contact. The name is their
/// own; nothing else that they say of themselves counts, so they are never linked to an account.
pub fn external(
    options: &DingTalkOptions,
    nick: Option<String>,
    ids: Identifiers,
) -> Result<Identity, IdentifyError> {
    let contact = Employee {
        name: nick,
        ..Employee::default()
    };
    identity(options, contact, ids)
}
